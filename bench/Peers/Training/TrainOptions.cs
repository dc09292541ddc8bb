using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>The command line of <c>train</c>.</summary>
internal sealed record TrainOptions
{
    public string Peer { get; init; } = "stock";

    public string? Python { get; init; }

    public string? Checkout { get; init; }

    public string Tokenizer { get; init; } = "examples/QuickStart/model";

    public string Data { get; init; } = "examples/QuickStart/data/train.jsonl";

    public int Hidden { get; init; } = 256;

    public int Layers { get; init; } = 6;

    public int Experts { get; init; }

    public int PerToken { get; init; } = 1;

    public int MaxLength { get; init; } = 1024;

    public int BatchSize { get; init; } = 4;

    public int Steps { get; init; } = 12;

    public int Threads { get; init; } = 1;

    public string Way { get; init; } = "default";

    public bool Bf16 { get; init; }

    public const string Help = """
        dotnet run -c Release --project bench/Peers -- train [options]

          --peer stock          MiniMind's arithmetic, operation by operation, on the same libtorch (the default)
          --peer minimind       MiniMind's own program; needs
            --python FILE         an interpreter with torch and transformers
            --checkout FOLDER     a checkout of MiniMind
          --way default         ours as the trainer does it by default
          --way preset          ours as DpoTrainer.Options.MiniMind() does it
          --hidden N --layers N the random model                          (256, 6)
          --experts N           its experts, as wide as a dense layer     (0: dense)
          --per-token N         of these, those that a token passes       (1)
          --bf16                products in bf16, the peer's by autocast
          --data FILE --tokenizer FOLDER                                  (the QuickStart's)
          --max-length N        tokens per side, and the peer's rows      (1024)
          --batch-size N --steps N --threads N                            (4, 12, 1)

        Both sides are processes of their own, with the same weights and pairs, and take each step in turn. Of the steps behind the first it prints the
        ratio of times, its median and the 10th and 90th of a hundred, and each side's peak of resident memory. A Python that a distribution brings may
        have a slow BLAS: figures against it are not fair, those against stock are.
        """;

    public static TrainOptions Parse(string[] arguments)
    {
        TrainOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => i + 1 < arguments.Length ? arguments[++i] : throw new ArgumentException($"{arguments[i]} needs a value.");
            int Number() => int.Parse(Value(), CultureInfo.InvariantCulture);
            options = arguments[i] switch
            {
                "--peer" => options with { Peer = Value() },
                "--python" => options with { Python = Value() },
                "--checkout" => options with { Checkout = Value() },
                "--way" => options with { Way = Value() },
                "--hidden" => options with { Hidden = Number() },
                "--layers" => options with { Layers = Number() },
                "--experts" => options with { Experts = Number() },
                "--per-token" => options with { PerToken = Number() },
                "--bf16" => options with { Bf16 = true },
                "--data" => options with { Data = Value() },
                "--tokenizer" => options with { Tokenizer = Value() },
                "--max-length" => options with { MaxLength = Number() },
                "--batch-size" => options with { BatchSize = Number() },
                "--steps" => options with { Steps = Number() },
                "--threads" => options with { Threads = Number() },
                _ => throw new ArgumentException($"'{arguments[i]}' is not an option.\n{Help}"),
            };
        }
        if (options.Peer is not ("stock" or "minimind") || options.Way is not ("default" or "preset"))
            throw new ArgumentException($"--peer {options.Peer} --way {options.Way} is not known.\n{Help}");
        if (options.Peer == "minimind" && (options.Python is null || options.Checkout is null))
            throw new ArgumentException($"--peer minimind needs --python and --checkout.\n{Help}");
        return options.Steps > 1 ? options
            : throw new ArgumentException($"--steps is {options.Steps}; the first step is not counted, so it must be 2 or more.");
    }
}
