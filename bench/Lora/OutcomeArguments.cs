using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.Lora;

/// <summary>What the comparison of outcomes trains; the defaults are small.</summary>
internal sealed record OutcomeArguments
{
    /// <summary>A model's folder.</summary>
    public string Model { get; private init; } = Path.Combine(AppContext.BaseDirectory, "model");

    /// <summary>Preference pairs, JSON lines.</summary>
    public string Pairs { get; private init; } = Path.Combine(AppContext.BaseDirectory, "data", "train.jsonl");

    /// <summary>The middle rate for all weights; adapters get ten times that.</summary>
    public double Rate { get; private init; } = 4e-5;

    /// <summary>The rank.</summary>
    public int Rank { get; private init; } = 16;

    /// <summary>Passes over the pairs.</summary>
    public int Epochs { get; private init; } = 1;

    /// <summary>Pairs in a step.</summary>
    public int BatchSize { get; private init; } = 8;

    /// <summary>Tokens of a conversation.</summary>
    public int MaxLength { get; private init; } = 512;

    /// <summary>DPO's beta.</summary>
    public double Beta { get; private init; } = 0.1;

    /// <summary>Reads <c>--name value</c> pairs.</summary>
    public static OutcomeArguments Parse(IReadOnlyList<string> args)
    {
        OutcomeArguments parsed = new();
        for (int i = 0; i < args.Count; i += 2)
        {
            string value = i + 1 < args.Count ? args[i + 1] : throw new ArgumentException($"'{args[i]}' needs a value.");
            int Whole() => int.Parse(value, CultureInfo.InvariantCulture);
            double Number() => double.Parse(value, CultureInfo.InvariantCulture);
            parsed = args[i] switch
            {
                "--model" => parsed with { Model = value },
                "--pairs" => parsed with { Pairs = value },
                "--rate" => parsed with { Rate = Number() },
                "--rank" => parsed with { Rank = Whole() },
                "--epochs" => parsed with { Epochs = Whole() },
                "--batch-size" => parsed with { BatchSize = Whole() },
                "--max-length" => parsed with { MaxLength = Whole() },
                "--beta" => parsed with { Beta = Number() },
                _ => throw new ArgumentException($"'{args[i]}' is not known: --model, --pairs, --rate, --rank, --epochs, --batch-size, --max-length, --beta."),
            };
        }
        return parsed;
    }
}
