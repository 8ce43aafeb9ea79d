// Particles as an array of structs, and as a struct of arrays: only the mass is asked for.
// rustc -O particles.rs && ./particles

use std::hint::black_box;
use std::time::Instant;

struct Particle {
    position: [f64; 3],
    velocity: [f64; 3],
    mass: f64,
    charge: f64,
}

struct Particles {
    mass: Vec<f64>,
    position: Vec<[f64; 3]>,
}

fn mass_of_structs(all: &[Particle]) -> f64 {
    all.iter().map(|particle| particle.mass).sum()
}

fn mass_of_arrays(all: &Particles) -> f64 {
    all.mass.iter().sum()
}

fn best(mut work: impl FnMut() -> f64) -> (f64, f64) {
    (0..5).fold((f64::MAX, 0.0), |(least, _), _| {
        let began = Instant::now();
        let sum = black_box(work());
        (least.min(began.elapsed().as_secs_f64()), sum)
    })
}

fn main() {
    let n = 8_000_000;
    let structs: Vec<Particle> = (0..n)
        .map(|i| Particle {
            position: [i as f64; 3],
            velocity: [0.0; 3],
            mass: 1.0,
            charge: 0.0,
        })
        .collect();
    let arrays = Particles {
        mass: vec![1.0; n],
        position: vec![[0.0; 3]; n],
    };
    let (slow, first) = best(|| mass_of_structs(black_box(&structs)));
    let (fast, second) = best(|| mass_of_arrays(black_box(&arrays)));
    let rest: f64 = structs[n - 1].position[0] + structs[0].velocity[0] + structs[0].charge;
    println!("array of structs  {:6.1} ms  (sum {first})", slow * 1e3);
    println!("struct of arrays  {:6.1} ms  (sum {second})", fast * 1e3);
    println!("(not asked for: {rest}, {})", arrays.position.len());
}
