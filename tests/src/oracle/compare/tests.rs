use super::*;

fn case(expect: &Json, partitions: &Json) -> Case {
    let line = json!({"name": "n", "partitions": partitions, "expect": expect}).to_string();
    Case::parse(&line).expect("it is well-formed")
}

fn verdict(expect: &Json, actual: Json) -> Verdict {
    let Json::Object(actual) = actual else { panic!("an outcome is an object") };
    compare(&case(expect, &json!({})), &actual)
}

fn fails(expect: &Json, actual: Json) -> bool {
    matches!(verdict(expect, actual), Verdict::Failed(_))
}

#[test]
fn texts_for_people_and_free_partitions_do_not_count() {
    let expect = json!({"outputs": [{"step": 1, "topic": "out", "key": "61", "partition": 0, "text": "a = null"}]});
    assert!(!fails(&expect, json!({"outputs": [{"step": 1, "topic": "out", "key": "61"}]})));
    assert!(fails(&expect, json!({"outputs": [{"step": 2, "topic": "out", "key": "61"}]})));
}

#[test]
fn fixed_partitions_and_those_of_changelogs_count() {
    let expect = json!({"outputs": [{"topic": "out", "key": null, "partition": 1}]});
    let other = json!({"outputs": [{"topic": "out", "key": null, "partition": 0}]});
    assert!(compare(&case(&expect, &json!({"out": 2})), other.as_object().expect("an object")) != Verdict::Passed);
    let expect = json!({"outputs": [{"topic": "app-s-changelog", "key": null, "partition": 0}]});
    assert!(fails(&expect, json!({"outputs": [{"topic": "app-s-changelog", "key": null}]})));
}

#[test]
fn the_order_of_outputs_counts() {
    let (a, b) = (json!({"topic": "a", "key": null}), json!({"topic": "b", "key": null}));
    assert!(fails(&json!({"outputs": [a, b]}), json!({"outputs": [b, a]})));
    assert!(fails(&json!({"outputs": [a, b]}), json!({"outputs": [a]})));
}

#[test]
fn traces_are_texts_that_count() {
    let expect = json!({"trace": [{"step": 1, "text": "p a=b"}]});
    assert!(fails(&expect, json!({"trace": [{"step": 1, "text": "p a=c"}]})));
    assert!(fails(&expect, json!({})));
}

#[test]
fn errors_are_compared_by_phase_step_and_kind() {
    let expect = json!({"error": {"phase": "step", "step": 3, "class": "StreamsException",
                                  "root": "SerializationException", "message": "fussy about b"}});
    assert!(!fails(&expect, json!({"error": {"phase": "step", "step": 3, "kind": "data"}})));
    assert!(fails(&expect, json!({"error": {"phase": "step", "step": 3, "kind": "user"}})));
    assert!(fails(&expect, json!({"error": {"phase": "step", "step": 4, "kind": "data"}})));
    assert!(fails(&expect, json!({})));
}

#[test]
fn what_java_says_in_dead_letters_is_free() {
    let dead = |text: &str, offset: &str| {
        json!({"outputs": [{"topic": "dlq", "key": null, "headers": [
            ["__streams.errors.message", text], ["__streams.errors.offset", offset]]}]})
    };
    assert!(!fails(&dead("aa", "31"), dead("bb", "31")));
    assert!(fails(&dead("aa", "31"), dead("aa", "32")));
}

#[test]
fn a_difference_shows_what_stands_before_it() {
    let expect = json!({"trace": [{"step": 1, "text": "same"}, {"step": 1, "text": "wanted"}]});
    let Verdict::Failed(told) = verdict(&expect, json!({"trace": [{"step": 1, "text": "same"}]})) else {
        panic!("a line is missing")
    };
    assert_eq!(
        told,
        "trace: 2 expected, 1 actual, first difference at 1\n  both     {\"step\":1,\"text\":\"same\"}\n  expected \
         {\"step\":1,\"text\":\"wanted\"}"
    );
}
