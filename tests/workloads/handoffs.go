// SPDX-License-Identifier: GPL-2.0-or-later
// Two goroutines that hand a number to and fro. Usage: handoffs ROUNDS
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	rounds := 0
	if len(os.Args) == 2 {
		rounds, _ = strconv.Atoi(os.Args[1])
	}
	if rounds < 1 {
		fmt.Fprintln(os.Stderr, "usage: handoffs ROUNDS")
		os.Exit(2)
	}
	there, back := make(chan int), make(chan int)
	go func() {
		for number := range there {
			back <- number
		}
	}()
	for i := 0; i < rounds; i++ {
		there <- i
		<-back
	}
	fmt.Println(2 * rounds)
}
