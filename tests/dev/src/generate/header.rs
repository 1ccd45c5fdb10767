//! `include/kstreams.h`: the C header, from the sources of `ffi-c` in the order of its modules.

use std::path::Path;

use cbindgen::{Builder, Config};

pub(super) fn make(project: &Path) -> Result<String, String> {
    let package = project.join("ffi-c");
    let config = Config::from_file(package.join("cbindgen.toml"))?;
    // The modules are read from here, in the order of their `mod` lines.
    let root = package.join("src/lib.rs");
    let bindings = Builder::new().with_config(config).with_src(root).generate();
    let bindings = bindings.map_err(|error| format!("ffi-c: {error}"))?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).map_err(|error| format!("ffi-c: {error}"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use std::fs;

    use super::*;

    const ERRORS: &str = r#"
/// What went wrong.
pub struct ks_error_t { _private: () }

/// What to do about an error.
pub type ks_error_kind_t = i32;

/// Repeat the call, after a pause.
pub const KS_ERROR_RETRIABLE: ks_error_kind_t = 1;

/// Asks for records.
///
/// @param timeout_ms  how long to wait
/// @return NULL, or an error
///
/// Threads: any.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_thing_poll(timeout_ms: i64, name: *const c_char, out_count: *mut usize) -> *mut ks_error_t {
    todo!()
}
"#;

    /// The header for a library whose only module is `error`.
    fn header() -> String {
        // Tests run side by side: each has a folder of its own.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let unique = format!("kstreams-dev-header-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let project = std::env::temp_dir().join(unique);
        let source = project.join("ffi-c/src");
        fs::create_dir_all(&source).unwrap();
        let ours = crate::generate::project().join("ffi-c/cbindgen.toml");
        fs::copy(ours, project.join("ffi-c/cbindgen.toml")).unwrap();
        fs::write(source.join("lib.rs"), "mod error;\n").unwrap();
        fs::write(source.join("error.rs"), ERRORS).unwrap();
        let header = make(&project).unwrap();
        fs::remove_dir_all(project).unwrap();
        header
    }

    #[test]
    fn the_header_has_the_form_of_the_house() {
        let header = header();
        for part in [
            "typedef struct ks_error_t ks_error_t;",
            "typedef int32_t ks_error_kind_t;",
            "#define KS_ERROR_RETRIABLE 1",
            "KS_API\nKS_MUST_USE\nks_error_t *ks_thing_poll(int64_t timeout_ms,\n",
            "                          const char *name,\n",
            "                          size_t *out_count);",
            "/**\n * Asks for records.\n *\n * @param timeout_ms  how long to wait",
            "extern \"C\" {",
            "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>",
        ] {
            assert!(header.contains(part), "{part}\n--- is not in:\n{header}");
        }
    }

    #[test]
    fn every_function_is_there_once() {
        assert_eq!(header().matches("ks_thing_poll(").count(), 1);
    }
}
