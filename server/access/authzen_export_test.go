package access

import "gatehouse/identity/permissions"

// ReadOne reads the body of one AuthZEN evaluation.
func ReadOne(object map[string]any) (permissions.Question, error) {
	request, err := oneEvaluation(object)
	return request.one, err
}

// ReadMany reads the body of a list of AuthZEN evaluations: the questions, and what
// is wrong with each. Without a list, there is one.
func ReadMany(object map[string]any) (questions []permissions.Question, faults []error, err error) {
	request, err := manyEvaluations(object)
	for _, e := range request.list {
		questions, faults = append(questions, e.question), append(faults, e.fault)
	}
	if err == nil && len(request.list) == 0 {
		questions, faults = append(questions, request.one), append(faults, nil)
	}
	return questions, faults, err
}
