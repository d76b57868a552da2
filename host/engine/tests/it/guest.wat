;; The documents hook of the contract around core modules of a test's own: for attacks that no language says.
(component
  (import "roro:types/types@0.1.0" (instance $types
    (type $s (enum "block" "error" "warn" "info"))
    (export "severity" (type $severity (eq $s)))
    (type $p (record (field "name" string) (field "value" string)))
    (export "parameter" (type $parameter (eq $p)))
    (type $f (record (field "rule" string) (field "severity" $severity) (field "place" string) (field "parameters" (list $parameter))))
    (export "finding" (type (eq $f)))
    (type $u (enum "order" "shipment"))
    (export "subject" (type (eq $u)))))
  (alias export $types "finding" (type $finding))
  (alias export $types "subject" (type $subject))
  (import "roro:order/order@0.1.0" (instance $orders (export "order" (type (sub resource)))))
  (alias export $orders "order" (type $order))

  ;; BODY

  (core module $m
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "ask") (param i32) (result i32) unreachable)
    (func (export "prepare") (param i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))

  (type $requirement (record (field "document" string) (field "pack" string) (field "subject" $subject)
    (field "template" string) (field "rank" u32) (field "reason" string)))
  (type $missing (record (field "document" string) (field "place" string) (field "box" string)))
  (type $filled-box (record (field "name" string) (field "value" string)))
  (type $prepared (record (field "document" string) (field "boxes" (list $filled-box)) (field "rows" (list (list $filled-box)))))
  (type $error (variant (case "bad-table" string) (case "unknown-document" string) (case "incomplete" (list $missing))))

  (func $requirements (param "order" (borrow $order)) (result (result (list $requirement) (error $error)))
    (canon lift (core func $i "ask") (memory $memory) (realloc $realloc)))
  (func $check (param "order" (borrow $order)) (result (result (list $finding) (error $error)))
    (canon lift (core func $i "ask") (memory $memory) (realloc $realloc)))
  (func $prepare (param "order" (borrow $order)) (param "documents" (list string)) (result (result (list $prepared) (error $error)))
    (canon lift (core func $i "prepare") (memory $memory) (realloc $realloc)))

  ;; Gives the hook's types their names: an exported function may only speak of named ones.
  (component $named
    (import "finding" (type $finding-of-types (sub resource)))
  )
)
