use super::*;
use crate::state::fixture::Temporary;

#[test]
fn a_directory_is_made_and_opened_again() {
    let temporary = Temporary::new();
    let directory = StateDirectory::open(temporary.path(), "app").unwrap();
    assert_eq!(directory.path(), temporary.path().join("app"));
    assert_eq!(directory.process_id(7).unwrap(), 7);
    drop(directory);
    let directory = StateDirectory::open(temporary.path(), "app").unwrap();
    assert_eq!(directory.process_id(8).unwrap(), 7, "an instance keeps its id");
}

#[test]
fn the_second_user_is_told_who_the_first_is() {
    let temporary = Temporary::new();
    let first = StateDirectory::open(temporary.path(), "app").unwrap();
    let error = StateDirectory::open(temporary.path(), "app").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resource);
    assert_eq!(error.fact("process"), Some(std::process::id().to_string().as_str()));
    assert!(error.fact("path").unwrap().ends_with("app"));
    assert!(StateDirectory::open(temporary.path(), "other").is_ok());
    drop(first);
    assert!(StateDirectory::open(temporary.path(), "app").is_ok());
}

#[test]
fn clean_up_refuses_while_somebody_uses_the_directory() {
    let temporary = Temporary::new();
    let directory = StateDirectory::open(temporary.path(), "app").unwrap();
    create(&directory.task_path(0, 1)).unwrap();
    let error = StateDirectory::clean_up(temporary.path(), "app").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Resource);
    assert!(directory.task_path(0, 1).exists());
    drop(directory);
    StateDirectory::clean_up(temporary.path(), "app").unwrap();
    assert!(!temporary.path().join("app").exists());
    StateDirectory::clean_up(temporary.path(), "app").unwrap();
}

#[test]
fn tasks_are_listed_and_removed() {
    let temporary = Temporary::new();
    let directory = StateDirectory::open(temporary.path(), "app").unwrap();
    for (subtopology, partition) in [(1, 0), (0, 10), (0, 2)] {
        create(&directory.task_path(subtopology, partition)).unwrap();
    }
    fs::create_dir(directory.path().join("global")).unwrap();
    fs::write(directory.path().join("3_3"), "no directory").unwrap();
    assert_eq!(directory.tasks().unwrap(), [(0, 2), (0, 10), (1, 0)]);
    directory.remove_task(0, 10).unwrap();
    directory.remove_task(0, 10).unwrap();
    assert_eq!(directory.tasks().unwrap(), [(0, 2), (1, 0)]);
}

#[test]
fn state_of_the_jvm_is_refused_and_left_alone() {
    let temporary = Temporary::new();
    let task = temporary.path().join("app/0_0");
    fs::create_dir_all(&task).unwrap();
    fs::write(temporary.path().join("app/kafka-streams-process-metadata"), "{}").unwrap();
    let error = StateDirectory::open(temporary.path(), "app").unwrap_err();
    assert_eq!((error.kind(), error.fact("found")), (ErrorKind::Data, Some("kafka-streams-process-metadata")));
    assert!(error.fact("remedy").is_some());
    assert_eq!(StateDirectory::clean_up(temporary.path(), "app").unwrap_err().kind(), ErrorKind::Data);
    assert!(task.exists());
    assert!(!temporary.path().join("app").join(LOCK).exists());
}

#[test]
fn any_other_files_are_refused_too() {
    let temporary = Temporary::new();
    fs::create_dir_all(temporary.path().join("app")).unwrap();
    fs::write(temporary.path().join("app/letters.txt"), "dear").unwrap();
    let error = StateDirectory::open(temporary.path(), "app").unwrap_err();
    assert_eq!((error.kind(), error.fact("found")), (ErrorKind::Data, Some("letters.txt")));
}

#[test]
fn another_version_is_refused() {
    let temporary = Temporary::new();
    drop(StateDirectory::open(temporary.path(), "app").unwrap());
    fs::write(temporary.path().join("app").join(FORMAT), "kstreams state 2\n").unwrap();
    let error = StateDirectory::open(temporary.path(), "app").unwrap_err();
    assert_eq!((error.kind(), error.fact("got")), (ErrorKind::Data, Some("kstreams state 2")));
}

#[test]
fn an_application_id_stays_inside_the_state_directory() {
    for id in ["", ".", "..", "a/b", "../a"] {
        let error = StateDirectory::open(Path::new("/nowhere"), id).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{id}");
    }
}

#[test]
fn a_file_in_the_way_is_an_error_that_names_it() {
    let temporary = Temporary::new();
    let file = temporary.path().join("file");
    fs::write(&file, "").unwrap();
    let error = StateDirectory::open(&file, "app").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
    assert!(error.fact("path").unwrap().ends_with("file/app"));
}

#[test]
fn errors_of_the_file_system_say_what_to_do() {
    for (cause, kind, remedy) in [
        (io::ErrorKind::PermissionDenied, ErrorKind::Denied, "right"),
        (io::ErrorKind::ReadOnlyFilesystem, ErrorKind::Denied, "right"),
        (io::ErrorKind::StorageFull, ErrorKind::Resource, "free space"),
        (io::ErrorKind::Other, ErrorKind::Resource, "check the disk"),
    ] {
        let error = explain("cannot make state directory", Path::new("/x"), cause.into());
        assert_eq!((error.kind(), error.fact("path")), (kind, Some("/x")));
        assert!(error.fact("remedy").unwrap().contains(remedy));
    }
}
