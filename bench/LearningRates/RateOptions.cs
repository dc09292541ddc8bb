using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.LearningRates;

/// <summary>The command line.</summary>
internal sealed record RateOptions
{
    public const string Help = """
        dotnet run -c Release --project bench/LearningRates -- [options]

        Asks for a learning rate, trains with it, and prints what came of it on pairs that neither saw: the margin with its
        95 % interval, the accuracy, what the chosen side lost, and the guards that spoke. It ends with 1 where a run did not
        learn (the margin's interval reaches 0) or the chosen side collapsed. The default is the bakery of the quick start.

          --model FOLDER       the model to start from                        (examples/QuickStart/model)
          --data FILE          preferences, JSONL                             (examples/QuickStart/data/train.jsonl)
          --answers A,B        only pairs with one of these as chosen answer  (all)
          --pairs N            pairs to train on, at most                     (1500)
          --held-out N         pairs to test on, at most                      (300)
          --reduction R        Sum or Mean                                    (Sum)
          --beta X             strength of the reference                      (0.1)
          --batch-size N       pairs per step                                 (4)
          --epochs N           passes over the pairs                          (1)
          --max-length N       tokens per side                                (512)
          --trial-steps N      optimizer steps of a trial                     (the default of LearningRateSearch)
          --rates X,Y          trains with these instead of asking, and prints the history
        """;

    public string Model { get; private init; } = "examples/QuickStart/model";

    public string Data { get; private init; } = "examples/QuickStart/data/train.jsonl";

    public string[] Answers { get; private init; } = [];

    public int Pairs { get; private init; } = 1500;

    public int HeldOut { get; private init; } = 300;

    public LogProbReduction Reduction { get; private init; } = LogProbReduction.Sum;

    public double Beta { get; private init; } = 0.1;

    public int BatchSize { get; private init; } = 4;

    public int Epochs { get; private init; } = 1;

    public int MaxLength { get; private init; } = 512;

    public int TrialSteps { get; private init; } = new LearningRateSearch().Steps;

    public double[] Rates { get; private init; } = [];

    /// <summary>The pairs that are meant.</summary>
    public PairSelection Selection => new(Data, Answers, Pairs, HeldOut, MaxLength);

    public static RateOptions Parse(string[] arguments)
    {
        RateOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string Value() => i + 1 < arguments.Length ? arguments[++i] : throw new ArgumentException($"{arguments[i]} needs a value.");
            int Count() => int.Parse(Value(), CultureInfo.InvariantCulture);
            options = arguments[i] switch
            {
                "--model" => options with { Model = Value() },
                "--data" => options with { Data = Value() },
                "--answers" => options with { Answers = Value().Split(',') },
                "--pairs" => options with { Pairs = Count() },
                "--held-out" => options with { HeldOut = Count() },
                "--reduction" => options with { Reduction = Enum.Parse<LogProbReduction>(Value()) },
                "--beta" => options with { Beta = double.Parse(Value(), CultureInfo.InvariantCulture) },
                "--batch-size" => options with { BatchSize = Count() },
                "--epochs" => options with { Epochs = Count() },
                "--max-length" => options with { MaxLength = Count() },
                "--trial-steps" => options with { TrialSteps = Count() },
                "--rates" => options with { Rates = [.. Value().Split(',').Select(rate => double.Parse(rate, CultureInfo.InvariantCulture))] },
                _ => throw new ArgumentException($"{arguments[i]} is not an option; --help lists them."),
            };
        }
        return options;
    }
}
