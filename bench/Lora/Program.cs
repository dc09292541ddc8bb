using System.Globalization;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Bench.Lora;

// Lora step [shape [rank [variant ...]]]      memory and time of a step of each variant against all weights, each in a process of its own (Linux); shapes:
// small, 768x8, 1024x24
// Lora roads [input output rank]              both roads to the gradients of A and B
// Lora outcome [--model FOLDER --pairs FILE --rate X --rank N --epochs N --batch-size N --max-length N --beta X]
//                                             held-out accuracy after equal steps, each at its best of three rates; the QuickStart's bakery by default
int Number(int index, int absent) => args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : absent;
StepShape Shape(string name) => StepShape.All.SingleOrDefault(shape => shape.Name == name)
    ?? throw new ArgumentException($"There is no shape '{name}'; there are {string.Join(", ", StepShape.All.Select(shape => shape.Name))}.");
switch (args.Length == 0 ? "step" : args[0])
{
    case "--child":
        Console.WriteLine(JsonSerializer.Serialize(MeasuredStep.Of(Shape(args[1]), StepVariant.All(Number(3, 16)).Single(variant => variant.Name == args[2]))));
        break;
    case "step":
        StepComparison.Run(Shape(args.Length > 1 ? args[1] : StepShape.All[0].Name), Number(2, 16), args.Skip(3).ToHashSet());
        break;
    case "roads":
        GradientRoads.Run(Number(1, 768), Number(2, 768), Number(3, 16));
        break;
    case "outcome":
        OutcomeComparison.Run(OutcomeArguments.Parse(args[1..]));
        break;
    default:
        throw new ArgumentException($"'{args[0]}' is not known: step, roads or outcome.");
}
