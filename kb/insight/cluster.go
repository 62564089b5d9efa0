package insight

// group is points that are alike: the numbers of its members.
type group struct {
	members []int
	middle  point
}

// together is the least likeness of a text to the middle of a group it joins.
// Chosen on public sets of customers' questions by how well pairs of one intent
// come together.
const (
	togetherWords   = 0.36 // where words alone tell
	togetherVectors = 0.52 // with vectors
	merging         = 0.08 // more than that, between two middles, makes two groups one
)

func together(a, b point) float64 {
	if a.vector != nil && len(a.vector) == len(b.vector) {
		return togetherVectors
	}
	return togetherWords
}

// join puts each of the points that has no group yet into the nearest one, or
// a new one; old groups come first and stay. It returns all groups; merged says
// which group went into which other, the older of the two.
func join(points []point, groups []group, fresh []int) (out []group, merged map[int]int) {
	for _, n := range fresh {
		best, at := 0.0, -1
		for g := range groups {
			if s := alike(points[n], groups[g].middle) - together(points[n], groups[g].middle); s >= 0 && (at < 0 || s > best) {
				best, at = s, g
			}
		}
		if at < 0 {
			groups = append(groups, group{members: []int{n}, middle: points[n]})
			continue
		}
		groups[at].members = append(groups[at].members, n)
		groups[at].middle = middleOf(points, groups[at].members)
	}
	merged = map[int]int{}
	for b := len(groups) - 1; b > 0; b-- {
		for a := range b {
			if len(groups[b].members) == 0 || len(groups[a].members) == 0 {
				continue
			}
			if alike(groups[a].middle, groups[b].middle) >= together(groups[a].middle, groups[b].middle)+merging {
				groups[a].members = append(groups[a].members, groups[b].members...)
				groups[a].middle = middleOf(points, groups[a].members)
				groups[b].members, merged[b] = nil, a
				break
			}
		}
	}
	return groups, merged
}

// middleMembers bounds how many members a middle is made of, the newest.
const middleMembers = 50

func middleOf(points []point, members []int) point {
	members = members[max(0, len(members)-middleMembers):]
	list := make([]point, len(members))
	for i, n := range members {
		list[i] = points[n]
	}
	return middle(list)
}

// central is the member most like the others: what the group is called by.
func (g group) central(points []point) int {
	best, at := -1.0, g.members[0]
	for _, n := range g.members[:min(len(g.members), 200)] {
		if s := alike(points[n], g.middle); s > best {
			best, at = s, n
		}
	}
	return at
}
