package engine

// EachCommand visits every row of the command table in its order, containers before their
// sub-commands, with its full name ("CONFIG GET") and its group. What reads the table from outside
// (the reference, the tests, the grammar that writes random commands) begins here.
func EachCommand(visit func(name, group string, row *Command)) {
	for _, list := range [...][]family{families[:], more[:]} {
		for i := range list {
			eachRow(&list[i], visit)
		}
	}
}

func eachRow(of *family, visit func(name, group string, row *Command)) {
	for i := range of.commands {
		row := &of.commands[i]
		group := of.group
		if row.Group != "" {
			group = row.Group
		}
		visit(row.Name, group, row)
		for j := range row.Subs {
			visit(row.Name+" "+row.Subs[j].Name, group, &row.Subs[j])
		}
	}
}

// EachLater visits the families that the core build leaves out, with their rows.
func EachLater(visit func(group string, rows []Command)) {
	for i := range more {
		visit(more[i].group, more[i].commands)
	}
}
