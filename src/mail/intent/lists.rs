//! Many short lists in one run of memory: reading through them costs no jump for each.

/// Lists that are known by their number, from 0 on in the order in which they were added.
#[derive(Clone, Debug)]
pub(super) struct Lists<T> {
    all: Vec<T>,
    /// Where each list ends, and the next begins.
    ends: Vec<u32>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Lists { all: Vec::new(), ends: Vec::new() }
    }
}

impl<T> Lists<T> {
    pub fn add(&mut self, list: impl IntoIterator<Item = T>) {
        self.all.extend(list);
        self.ends.push(u32::try_from(self.all.len()).expect("BUG: more than four thousand million words"));
    }

    /// How many lists there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The list of this number; empty where there is none.
    pub fn get(&self, number: usize) -> &[T] {
        let begin = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let (Some(begin), Some(end)) = (begin, self.ends.get(number)) else { return &[] };
        self.all.get(begin as usize..*end as usize).unwrap_or_default()
    }
}

impl<T> FromIterator<Vec<T>> for Lists<T> {
    fn from_iter<I: IntoIterator<Item = Vec<T>>>(lists: I) -> Self {
        let mut all = Lists::default();
        lists.into_iter().for_each(|list| all.add(list));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_is_found_again() {
        let lists: Lists<u8> = [vec![1, 2], vec![], vec![3]].into_iter().collect();
        assert_eq!([lists.get(0), lists.get(1), lists.get(2), lists.get(3)], [&[1, 2][..], &[], &[3], &[]]);
        assert_eq!((lists.len(), Lists::<u8>::default().get(0)), (3, &[][..]));
    }
}
