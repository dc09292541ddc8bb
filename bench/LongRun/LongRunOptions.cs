using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.LongRun;

/// <summary>The command line.</summary>
internal sealed record LongRunOptions
{
    public const string Help = """
        dotnet run -c Release --project bench/LongRun -- [options]

        Trains on nine tenths of a file of preferences, evaluates on the rest, and prints one JSON object:
        evaluations, warnings, speed, and the resident memory at the start, in the middle and at the end.

          --model FOLDER       the model to start from                (examples/QuickStart/model)
          --data FILE          preferences, JSONL                     (examples/QuickStart/data/train.jsonl)
          --epochs N           passes over the pairs                  (1)
          --batch-size N       pairs per step                         (4)
          --max-length N       tokens per side                        (1024)
          --learning-rate X    highest step size                      (2e-6)
          --beta X             strength of the reference              (0.1)
          --evaluate-every N   steps between two evaluations          (a tenth of the run)
          --minimind           MiniMind's settings: sums, 4e-8, beta 0.15, and so on; only epochs, batch and length count
          --run FOLDER         keeps metrics, curves and run.json there
        """;

    public string Model { get; private init; } = "examples/QuickStart/model";

    public string Data { get; private init; } = "examples/QuickStart/data/train.jsonl";

    public int Epochs { get; private init; } = 1;

    public int BatchSize { get; private init; } = 4;

    public int MaxLength { get; private init; } = 1024;

    public double LearningRate { get; private init; } = 2e-6;

    public double Beta { get; private init; } = 0.1;

    public int EvaluateEvery { get; private init; }

    public bool MiniMind { get; private init; }

    public string? Run { get; private init; }

    public static LongRunOptions Parse(string[] arguments)
    {
        LongRunOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => i + 1 < arguments.Length ? arguments[++i] : throw new ArgumentException($"{arguments[i]} needs a value.");
            options = arguments[i] switch
            {
                "--model" => options with { Model = Value() },
                "--data" => options with { Data = Value() },
                "--epochs" => options with { Epochs = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--batch-size" => options with { BatchSize = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--max-length" => options with { MaxLength = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--learning-rate" => options with { LearningRate = double.Parse(Value(), CultureInfo.InvariantCulture) },
                "--beta" => options with { Beta = double.Parse(Value(), CultureInfo.InvariantCulture) },
                "--evaluate-every" => options with { EvaluateEvery = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--minimind" => options with { MiniMind = true },
                "--run" => options with { Run = Value() },
                _ => throw new ArgumentException($"'{arguments[i]}' is not an option.\n{Help}"),
            };
        }
        return options;
    }
}
