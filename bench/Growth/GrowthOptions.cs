namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>The command line.</summary>
internal sealed record GrowthOptions
{
    public static readonly IReadOnlyList<string> All = ["length", "batch", "model", "pairs", "vocabulary", "prompt", "scoring", "decoding"];

    public IReadOnlyList<string> Measurements { get; init; } = [];

    public string Tokenizer { get; init; } = Path.Combine(AppContext.BaseDirectory, "model");

    public string Data { get; init; } = Path.Combine(AppContext.BaseDirectory, "data", "train.jsonl");

    public int Threads { get; init; } = 2;

    public int Rounds { get; init; } = 4;

    public int Tokens { get; init; } = 64;

    public const string Help = """
        dotnet run -c Release --project bench/Growth -- MEASUREMENT ... [options]

          length               a step of 4 pairs, hidden 256 x 6, at 256 to 2048 tokens per side
          batch                a step at 512 tokens per side, hidden 256 x 6, of 1 to 8 pairs
          model                a step of 4 pairs at 512 tokens per side, hidden 256 x 6, 512 x 8, 768 x 8
          pairs                start-up time and resident memory with 1,000, 10,000 and 28,844 pairs
          vocabulary           peak memory of a step at a vocabulary of 151,936, the plain way and ours
          prompt               steps of 4 pairs, hidden 256 x 6, prompts run once against run twice, from short to long prompts
          scoring              pairs scored through the transformer, hidden 256 x 6, 256 + 256 tokens, against the bare forward passes
          decoding             greedy decoding at hidden 768 x 8 against the memory's speed

          --threads N          libtorch's threads                                                  (2)
          --rounds N           measurements of a time, of which the least counts                   (4)
          --tokens N           tokens decoded in a round                                           (64)
          --tokenizer FOLDER   of 'pairs': tokenizer.json and its template                         (the QuickStart's)
          --data FILE          of 'pairs': preference pairs, taken again where they are too few    (the QuickStart's)

        Prints one JSON object. Every point runs in a process of its own (Linux).
        """;

    public static GrowthOptions Parse(string[] arguments)
    {
        GrowthOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => i + 1 < arguments.Length ? arguments[++i] : throw new ArgumentException($"{arguments[i]} needs a value.");
            options = arguments[i] switch
            {
                "--tokenizer" => options with { Tokenizer = Path.GetFullPath(Value()) },
                "--data" => options with { Data = Path.GetFullPath(Value()) },
                "--threads" => options with { Threads = int.Parse(Value()) },
                "--rounds" => options with { Rounds = int.Parse(Value()) },
                "--tokens" => options with { Tokens = int.Parse(Value()) },
                var name when All.Contains(name) => options with { Measurements = [.. options.Measurements, name] },
                _ => throw new ArgumentException($"'{arguments[i]}' is not an option.\n{Help}"),
            };
        }
        return options.Measurements.Count > 0 ? options : throw new ArgumentException($"No measurement is named.\n{Help}");
    }
}
