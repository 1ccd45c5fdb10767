//! What a library that Node loads needs.

fn main() {
    napi_build::setup();
    // Threads of the library may still run when the environment that loaded it ends: the code must stay.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
