namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>The command line.</summary>
internal sealed record MicroOptions
{
    public string Tokenizer { get; init; } = Path.Combine(AppContext.BaseDirectory, "model");

    public string Data { get; init; } = Path.Combine(AppContext.BaseDirectory, "data", "train.jsonl");

    public int Hidden { get; init; } = 256;

    public int Layers { get; init; } = 6;

    public int MaxLength { get; init; } = 1024;

    public int BatchSize { get; init; } = 4;

    public int Threads { get; init; } = 1;

    /// <summary>What BenchmarkDotNet gets, such as <c>--filter *Mask*</c>.</summary>
    public IReadOnlyList<string> Rest { get; init; } = [];

    public const string Help = """
        dotnet run -c Release --project bench/Micro -- [options] [BenchmarkDotNet's options, such as --filter *Tokenization*]

          --tokenizer FOLDER   tokenizer.json and its template     (the QuickStart's)
          --data FILE          preference pairs                    (the QuickStart's)
          --hidden N           hidden size of the random model     (256)
          --layers N           its layers                          (6)
          --max-length N       tokens per side                     (1024)
          --batch-size N       pairs of a batch                    (4)
          --threads N          libtorch's threads                  (1)
        """;

    public static MicroOptions Parse(string[] arguments)
    {
        MicroOptions options = new();
        List<string> rest = [];
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => i + 1 < arguments.Length ? arguments[++i] : throw new ArgumentException($"{arguments[i]} needs a value.");
            switch (arguments[i])
            {
                case "--tokenizer": options = options with { Tokenizer = Path.GetFullPath(Value()) }; break;
                case "--data": options = options with { Data = Path.GetFullPath(Value()) }; break;
                case "--hidden": options = options with { Hidden = int.Parse(Value()) }; break;
                case "--layers": options = options with { Layers = int.Parse(Value()) }; break;
                case "--max-length": options = options with { MaxLength = int.Parse(Value()) }; break;
                case "--batch-size": options = options with { BatchSize = int.Parse(Value()) }; break;
                case "--threads": options = options with { Threads = int.Parse(Value()) }; break;
                default: rest.Add(arguments[i]); break;
            }
        }
        return options with { Rest = rest.Count == 0 ? ["--filter", "*"] : rest };
    }
}
