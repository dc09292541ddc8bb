using System.Globalization;

namespace MiniMind.MLNet.Dpo.Stress;

/// <summary>The command line.</summary>
public sealed record StressOptions
{
    public const string Help = """
        dotnet run -c Release --project eng/Stress -- [options]

        Trains two models at once, again and again, while other threads score pairs, chat and collect garbage,
        and compares everything with what it gives alone. Exit code 0: all rounds gave the same, no error, no hang,
        the process's settings as they were, and nothing native left to finalizers; 1: something differs; 3: a round made no progress.

          --rounds N        rounds                                          (100)
          --pairs N         pairs of a training                             (24)
          --limit S         seconds without progress that count as a hang   (60)
          --threads A,B     libtorch's threads of each training, 0 for the process's (2,1)
          --without A,B     leaves threads out: predictions, chat, collector
          --model FOLDER    the model to start from                         (examples/QuickStart/model)
          --data FILE       preferences, JSONL                              (examples/QuickStart/data/train.jsonl)
          --wait            stays there after a hang, for a debugger
        """;

    public int Rounds { get; private init; } = 100;

    public int Pairs { get; private init; } = 24;

    public int Limit { get; private init; } = 60;

    public IReadOnlyList<int> Threads { get; private init; } = [2, 1];

    public IReadOnlyList<string> Without { get; private init; } = [];

    public string Model { get; private init; } = "examples/QuickStart/model";

    public string Data { get; private init; } = "examples/QuickStart/data/train.jsonl";

    public bool Wait { get; private init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">It has something that is no option.</exception>
    public static StressOptions Parse(string[] arguments)
    {
        StressOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => i + 1 < arguments.Length ? arguments[++i] : throw new ArgumentException($"{arguments[i]} needs a value.");
            options = arguments[i] switch
            {
                "--rounds" => options with { Rounds = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--pairs" => options with { Pairs = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--limit" => options with { Limit = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--threads" => options with { Threads = [.. Value().Split(',').Select(int.Parse)] },
                "--without" => options with { Without = Value().Split(',') },
                "--model" => options with { Model = Value() },
                "--data" => options with { Data = Value() },
                "--wait" => options with { Wait = true },
                _ => throw new ArgumentException($"'{arguments[i]}' is not an option.\n{Help}"),
            };
        }
        string[] unknown = [.. options.Without.Except([Companions.Predictions, Companions.Chat, Companions.Collector])];
        if (options.Threads.Count != 2)
            throw new ArgumentException($"--threads takes two numbers.\n{Help}");
        return unknown.Length == 0 ? options : throw new ArgumentException($"'{unknown[0]}' is none of the threads that can be left out.\n{Help}");
    }
}
