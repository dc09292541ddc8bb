namespace MiniMind.MLNet.Dpo.Bench.EndToEnd;

/// <summary>The command line.</summary>
internal sealed record BenchOptions
{
    public string Tokenizer { get; init; } = "examples/QuickStart/model";

    public string Data { get; init; } = "examples/QuickStart/data/train.jsonl";

    public int Hidden { get; init; } = 256;

    public int Layers { get; init; } = 6;

    public int Experts { get; init; }

    public int PerToken { get; init; } = 1;

    public int MaxLength { get; init; } = 1024;

    public int Pairs { get; init; } = 48;

    public int BatchSize { get; init; } = 4;

    public int Threads { get; init; } = 2;

    public int Rounds { get; init; } = 2;

    public bool EveryLever { get; init; }

    public string? Only { get; init; }

    public const string Help = """
        dotnet run -c Release --project bench/EndToEnd -- [options]

          --tokenizer FOLDER   tokenizer.json and its template           (examples/QuickStart/model)
          --data FILE          preference pairs                           (examples/QuickStart/data/train.jsonl)
          --hidden N           hidden size of the random model            (256)
          --layers N           its layers                                 (6)
          --experts N          its experts, as wide as a dense layer      (0: dense)
          --per-token N        of these, those that a token passes        (1)
          --max-length N       tokens per side, and the plain way's rows  (1024)
          --pairs N            pairs measured, an even sample of the file (48)
          --batch-size N       pairs per step                             (4)
          --threads N          libtorch's threads                         (2)
          --rounds N           passes over the pairs, the ways in turn    (2)
          --levers             every lever on and off, not only plain against all
          --only TEXT          of those, the ways whose names begin with it

        Prints one JSON object. Ratios are of times within this run; lengths give the bounds. Utilisation is what the loss needs, per second, over a plain
        product of 2048 x 2048 matrices by torch.matmul; own utilisation counts what a way does, padding included.
        """;

    public static BenchOptions Parse(string[] arguments)
    {
        BenchOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => i + 1 < arguments.Length ? arguments[++i] : throw new ArgumentException($"{arguments[i]} needs a value.");
            options = arguments[i] switch
            {
                "--tokenizer" => options with { Tokenizer = Value() },
                "--data" => options with { Data = Value() },
                "--hidden" => options with { Hidden = int.Parse(Value()) },
                "--layers" => options with { Layers = int.Parse(Value()) },
                "--experts" => options with { Experts = int.Parse(Value()) },
                "--per-token" => options with { PerToken = int.Parse(Value()) },
                "--max-length" => options with { MaxLength = int.Parse(Value()) },
                "--pairs" => options with { Pairs = int.Parse(Value()) },
                "--batch-size" => options with { BatchSize = int.Parse(Value()) },
                "--threads" => options with { Threads = int.Parse(Value()) },
                "--rounds" => options with { Rounds = int.Parse(Value()) },
                "--only" => options with { Only = Value() },
                "--levers" => options with { EveryLever = true },
                _ => throw new ArgumentException($"'{arguments[i]}' is not an option.\n{Help}"),
            };
        }
        return options;
    }
}
