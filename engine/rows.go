package engine

// EachCommand visits every row of the command table in its order, containers before their
// sub-commands, with its full name ("CONFIG GET") and its group. What reads the table from outside
// (the reference, the tests, the grammar that writes random commands) begins here.
func EachCommand(visit func(name, group string, row *Command)) {
	for i := range families {
		for j := range families[i].commands {
			row := &families[i].commands[j]
			group := families[i].group
			if row.Group != "" {
				group = row.Group
			}
			visit(row.Name, group, row)
			for k := range row.Subs {
				visit(row.Name+" "+row.Subs[k].Name, group, &row.Subs[k])
			}
		}
	}
}
