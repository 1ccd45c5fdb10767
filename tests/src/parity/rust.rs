//! What the Rust library exports: `lib.rs`, and the public functions and fields of the types that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::{Attribute, Fields, ImplItem, Item, ItemImpl, ItemMacro, TraitItem, Type, UseTree, Visibility};

use super::is_word;
use crate::source::root;

type Names = Vec<String>;

pub(super) fn exports() -> BTreeSet<String> {
    let mut library = Library::default();
    library.load(&root().join("core/src/lib.rs"), Vec::new(), &root().join("core/src"));
    let mut names = BTreeSet::new();
    library.export(&[], "", &mut names);
    names
}

/// All modules by their paths.
#[derive(Default)]
struct Library {
    modules: BTreeMap<Names, Vec<Item>>,
}

impl Library {
    fn load(&mut self, file: &Path, path: Names, folder: &Path) {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.add(parsed.items, path, folder);
    }

    fn add(&mut self, items: Vec<Item>, path: Names, folder: &Path) {
        for item in &items {
            let Item::Mod(module) = item else { continue };
            if is_left_out(&module.attrs) {
                continue;
            }
            let name = module.ident.to_string();
            let inner: Names = path.iter().cloned().chain([name.clone()]).collect();
            match &module.content {
                Some((_, items)) => self.add(items.clone(), inner, &folder.join(&name)),
                None => self.load(&folder.join(format!("{name}.rs")), inner, &folder.join(&name)),
            }
        }
        self.modules.insert(path, items);
    }

    /// The names that a public module offers.
    fn export(&self, module: &[String], prefix: &str, names: &mut BTreeSet<String>) {
        for item in self.modules.get(module).into_iter().flatten() {
            match item {
                Item::Use(used) if is_public(&used.vis) && !is_left_out(&used.attrs) => {
                    for (name, path) in leaves(&used.tree) {
                        let found = self.resolve(module, &path);
                        let found = found.unwrap_or_else(|| panic!("lib.rs exports {path:?}, which is not found"));
                        self.define(&found, &format!("{prefix}{name}"), names);
                    }
                }
                Item::Mod(inner) if is_public(&inner.vis) && !is_left_out(&inner.attrs) => {
                    let path: Names = module.iter().cloned().chain([inner.ident.to_string()]).collect();
                    self.export(&path, &format!("{prefix}{}::", inner.ident), names);
                }
                Item::Mod(_) | Item::Use(_) | Item::Impl(_) => (),
                _ => {
                    if let Some((name, vis, attrs)) = declared(item)
                        && is_public(vis)
                        && !is_left_out(attrs)
                    {
                        let path: Names = module.iter().cloned().chain([name.clone()]).collect();
                        self.define(&path, &format!("{prefix}{name}"), names);
                    }
                }
            }
        }
    }

    /// Adds a thing with its public members.
    fn define(&self, path: &[String], name: &str, names: &mut BTreeSet<String>) {
        let (own, module) = path.split_last().expect("a thing has a name");
        names.insert(name.to_owned());
        for item in &self.modules[module] {
            match item {
                Item::Struct(found) if found.ident == own => names.extend(fields(&found.fields, name)),
                Item::Trait(found) if found.ident == own => {
                    let functions = found.items.iter().filter_map(|item| match item {
                        TraitItem::Fn(function) if !is_left_out(&function.attrs) => Some(&function.sig.ident),
                        _ => None,
                    });
                    names.extend(functions.map(|function| format!("{name}::{function}")));
                }
                _ => (),
            }
        }
        for (module, items) in &self.modules {
            for item in items {
                let found = match item {
                    Item::Impl(block) if self.target(module, block).is_some_and(|target| target == path) => {
                        methods(block).collect()
                    }
                    Item::Macro(call) if module == self_module(path) => methods_of_macro(items, call, own),
                    _ => Vec::new(),
                };
                names.extend(found.iter().map(|method| format!("{name}::{method}")));
            }
        }
    }

    /// The type that a block of its own functions belongs to.
    fn target(&self, module: &[String], block: &ItemImpl) -> Option<Names> {
        if block.trait_.is_some() || is_left_out(&block.attrs) {
            return None;
        }
        let Type::Path(target) = &*block.self_ty else { return None };
        let path: Names = target.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.resolve(module, &path)
    }

    /// Where a path leads from within a module.
    fn resolve(&self, module: &[String], path: &[String]) -> Option<Names> {
        let (first, rest) = path.split_first()?;
        let start: Names = match first.as_str() {
            "crate" => Vec::new(),
            "self" => module.to_vec(),
            "super" => module.split_last()?.1.to_vec(),
            name => self.lookup(module, name)?,
        };
        rest.iter().try_fold(start, |at, name| match name.as_str() {
            "super" => at.split_last().map(|(_, parent)| parent.to_vec()),
            name => self.lookup(&at, name),
        })
    }

    /// What a name means in a module: a thing of its own, a module, or what it uses.
    fn lookup(&self, module: &[String], name: &str) -> Option<Names> {
        let items = self.modules.get(module)?;
        let own: Names = module.iter().cloned().chain([name.to_owned()]).collect();
        if items.iter().any(|item| declared(item).is_some_and(|(declared, ..)| declared == name)) {
            return Some(own);
        }
        let used = items.iter().filter_map(|item| match item {
            Item::Use(used) => Some(leaves(&used.tree)),
            _ => None,
        });
        let found = used.flatten().find(|(used, _)| used == name);
        if let Some((_, path)) = found.filter(|(_, path)| path.len() > 1 || path[0] != name) {
            return self.resolve(module, &path);
        }
        self.modules.contains_key(&own).then_some(own)
    }
}

/// Hidden, of tests, or of a feature: not what users see.
fn is_left_out(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return false };
        (list.path.is_ident("doc") && list.tokens.to_string() == "hidden") || list.path.is_ident("cfg")
    })
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn declared(item: &Item) -> Option<(String, &Visibility, &[Attribute])> {
    let (name, vis, attrs) = match item {
        Item::Struct(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Enum(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Trait(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Type(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Const(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Static(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Fn(item) => (&item.sig.ident, &item.vis, &item.attrs),
        _ => return None,
    };
    Some((name.to_string(), vis, attrs))
}

fn fields(fields: &Fields, owner: &str) -> Vec<String> {
    let public = fields.iter().filter(|field| is_public(&field.vis) && !is_left_out(&field.attrs));
    public.filter_map(|field| field.ident.as_ref()).map(|field| format!("{owner}::{field}")).collect()
}

fn methods(block: &ItemImpl) -> impl Iterator<Item = String> {
    block.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) if is_public(&method.vis) && !is_left_out(&method.attrs) => {
            Some(method.sig.ident.to_string())
        }
        ImplItem::Const(constant) if is_public(&constant.vis) && !is_left_out(&constant.attrs) => {
            Some(constant.ident.to_string())
        }
        _ => None,
    })
}

fn self_module(path: &[String]) -> &[String] {
    path.split_last().map_or(path, |(_, module)| module)
}

/// The functions that `options!(Type, …)` gives the type: those of `impl $type` in the macro of the same file.
fn methods_of_macro(items: &[Item], call: &ItemMacro, own: &str) -> Vec<String> {
    let first = call.mac.tokens.clone().into_iter().next().map(|token| token.to_string());
    if call.ident.is_some() || first.as_deref() != Some(own) {
        return Vec::new();
    }
    let rules = items.iter().find_map(|item| match item {
        Item::Macro(rules) if rules.ident.as_ref().is_some_and(|name| call.mac.path.is_ident(name)) => Some(rules),
        _ => None,
    });
    let text = rules.map_or_else(String::new, |rules| rules.mac.tokens.to_string());
    let functions = text.split("pub fn ").skip(1);
    functions.filter_map(|rest| rest.split(|letter: char| !is_word(letter)).next().map(str::to_owned)).collect()
}

/// The names that a `use` brings, each with its path.
fn leaves(tree: &UseTree) -> Vec<(String, Names)> {
    match tree {
        UseTree::Path(path) => {
            let mut inner = leaves(&path.tree);
            inner.iter_mut().for_each(|(name, names)| {
                if names == &["self"] {
                    names.clear();
                    *name = path.ident.to_string();
                }
                names.insert(0, path.ident.to_string());
            });
            inner
        }
        UseTree::Name(name) => vec![(name.ident.to_string(), vec![name.ident.to_string()])],
        UseTree::Rename(rename) => vec![(rename.rename.to_string(), vec![rename.ident.to_string()])],
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
        UseTree::Glob(_) => Vec::new(),
    }
}
