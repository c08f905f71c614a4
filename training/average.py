"""Step 5, last: the mean of the weights of checkpoints that lie on one path of training.

    python average.py work/service-12 work/service-2 --to work/shipped

A student and the teacher that it started from stay close enough for their mean to be a model, and it is steadier than either.
"""
import argparse
import pathlib

import model as models


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", type=pathlib.Path, nargs="+")
    parser.add_argument("--to", type=pathlib.Path, required=True)
    args = parser.parse_args()
    found = [models.load(folder) for folder in args.source]
    states = [each.state_dict() for each in found]
    mean = {name: sum(state[name] for state in states) / len(states) if value.is_floating_point() else value
            for name, value in states[0].items()}
    found[0].load_state_dict(mean)
    models.save(found[0], args.to)


if __name__ == "__main__":
    main()
