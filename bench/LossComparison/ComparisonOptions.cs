using System.Globalization;
using MiniMind.MLNet.Dpo.Bench.LearningRates;

namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>The command line.</summary>
internal sealed record ComparisonOptions
{
    public const string Help = """
        dotnet run -c Release --project bench/LossComparison -- measure|collapse|page [options]

        measure   trains with each loss at each of some rates, as many steps each, chooses each loss's rate on some prompts and measures it on others;
                  what is in the file of results already is not run again
        collapse  follows the chosen answers' log-probability over the steps: DPO, DPO with a supervised term, DPOP, at one rate
        page      draws the pictures and writes the pages from the files of results

          --model FOLDER       the model to start from                              (examples/QuickStart/model)
          --data FILE          preferences, JSONL                                   (examples/QuickStart/data/train.jsonl)
          --describe TEXT      what the data is, for the page                       (the file's name)
          --answers A,B        only pairs with one of these as chosen answer        (all)
          --characters N       only pairs whose sides have no more characters       (all)
          --pairs N            pairs to train on, at most                           (600)
          --held-out N         pairs kept back: half to choose rates, half to test  (600)
          --batch-size N       pairs per step                                       (8)
          --epochs N           passes over the pairs                                (1)
          --max-length N       tokens per side                                      (256)
          --rates X,Y,Z        the rates that each loss may choose from             (2e-5,5e-5,1.2e-4)
          --answered N         prompts to answer, to measure lengths                (32)
          --answer-tokens N    where an answer is cut                               (64)
          --losses A;B         only these, by the beginnings of their names         (all)
          --results FILE       the file of results                                  (docs/loss-comparison/quickstart.json)
        """;

    public string Model { get; private init; } = "examples/QuickStart/model";

    public string Data { get; private init; } = "examples/QuickStart/data/train.jsonl";

    public string? Describe { get; private init; }

    public string[] Answers { get; private init; } = [];

    public int Characters { get; private init; } = int.MaxValue;

    public int Pairs { get; private init; } = 600;

    public int HeldOut { get; private init; } = 600;

    public int BatchSize { get; private init; } = 8;

    public int Epochs { get; private init; } = 1;

    public int MaxLength { get; private init; } = 256;

    public double[] Rates { get; private init; } = [2e-5, 5e-5, 1.2e-4];

    public int Answered { get; private init; } = 32;

    public int AnswerTokens { get; private init; } = 64;

    public string[] Losses { get; private init; } = [""];

    public string Results { get; private init; } = "docs/loss-comparison/quickstart.json";

    /// <summary>The pairs that are meant.</summary>
    public PairSelection Selection => new(Data, Answers, Pairs, HeldOut, MaxLength) { MostCharacters = Characters };

    /// <summary>The losses that are meant.</summary>
    public IEnumerable<ComparedLoss> Compared => ComparedLoss.All.Where(loss => Losses.Any(name => loss.Name.StartsWith(name, StringComparison.Ordinal)));

    /// <summary>Reads what stands behind the verb.</summary>
    public static ComparisonOptions Parse(IReadOnlyList<string> arguments)
    {
        ComparisonOptions options = new();
        for (int i = 0; i < arguments.Count; i += 2)
        {
            string value = i + 1 < arguments.Count ? arguments[i + 1] : throw new ArgumentException($"{arguments[i]} needs a value.");
            int Count() => int.Parse(value, CultureInfo.InvariantCulture);
            options = arguments[i] switch
            {
                "--model" => options with { Model = value },
                "--data" => options with { Data = value },
                "--describe" => options with { Describe = value },
                "--answers" => options with { Answers = value.Split(',') },
                "--characters" => options with { Characters = Count() },
                "--pairs" => options with { Pairs = Count() },
                "--held-out" => options with { HeldOut = Count() },
                "--batch-size" => options with { BatchSize = Count() },
                "--epochs" => options with { Epochs = Count() },
                "--max-length" => options with { MaxLength = Count() },
                "--rates" => options with { Rates = [.. value.Split(',').Select(rate => double.Parse(rate, CultureInfo.InvariantCulture))] },
                "--answered" => options with { Answered = Count() },
                "--answer-tokens" => options with { AnswerTokens = Count() },
                "--losses" => options with { Losses = value.Split(';') },
                "--results" => options with { Results = value },
                _ => throw new ArgumentException($"{arguments[i]} is not an option; --help lists them."),
            };
        }
        return options;
    }
}
