package transfer

import (
	"encoding/json"
	"strings"
)

// guardSign stands before a cell that a spreadsheet would take for a formula.
const guardSign = "'"

// formula is what a formula begins with in one spreadsheet or another, as plain
// and as full-width characters.
const formula = "=+-@\t\r\n＝＋－＠"

// isRisky says whether a cell is a formula, or one that is guarded already. All
// others are written as they are: a name may well begin with an apostrophe.
func isRisky(cell string) bool {
	cell = strings.TrimLeft(cell, guardSign)
	return strings.IndexFunc(cell, isFormula) == 0
}

func isFormula(r rune) bool { return strings.ContainsRune(formula, r) }

// guard makes a cell that no spreadsheet takes for a formula; unguard undoes it.
func guard(cell string) string {
	if isRisky(cell) {
		return guardSign + cell
	}
	return cell
}

func unguard(cell string) string {
	if bare, guarded := strings.CutPrefix(cell, guardSign); guarded && isRisky(bare) {
		return bare
	}
	return cell
}

// jsonMark stands before a value of metadata that is no plain text: a number,
// true or false, or a text that is empty or begins like this.
const jsonMark = "json:"

// metadataCell is a value of metadata in a cell; metadataOf undoes it.
func metadataCell(value any) string {
	if text, isText := value.(string); isText && text != "" && !strings.HasPrefix(text, jsonMark) {
		return text
	}
	text, _ := json.Marshal(value) // it came from JSON
	return jsonMark + string(text)
}

func metadataOf(cell string) (value any, ok bool) {
	text, marked := strings.CutPrefix(cell, jsonMark)
	if !marked {
		return cell, true
	}
	tokens := json.NewDecoder(strings.NewReader(text))
	tokens.UseNumber()
	err := tokens.Decode(&value)
	return value, err == nil && !tokens.More() && isScalar(value)
}

// isScalar says whether a value from JSON holds no others, and no NUL character.
func isScalar(value any) bool {
	switch v := value.(type) {
	case string:
		return strings.IndexByte(v, 0) < 0
	case json.Number:
		_, err := v.Float64()
		return err == nil
	case bool:
		return true
	}
	return false
}
