using System.Collections.Immutable;
using System.Globalization;
using MiniMind.MLNet.Dpo.Data;

namespace QuickStart;

/// <summary>What the command line asks for.</summary>
internal sealed record QuickStartOptions
{
    /// <summary>The text of --help.</summary>
    public const string Usage = """
        Trains a small language model on preferences (DPO) and shows what changed.

          dotnet run -c Release --project examples/QuickStart [-- OPTIONS]

          --model FOLDER         a model of your own: config.json, tokenizer.json, tokenizer_config.json,
                                 model.safetensors or *.pth (default: the bakery model beside this program)
          --data FILE            preferences of your own, JSONL; a tenth of the prompts is held out (default: the bakery's)
          --prompt-field NAME    the field of its rows with the prompt, where the rows are of no known shape; likewise
                                 --chosen-field, --rejected-field, --system-field, --history-field, --tools-field
          --ignore-field NAME    a field that is no part of the conversation, although it may look so; may be repeated
          --epochs N             passes over the training pairs (default: 3)
          --learning-rate X      highest step size (default: 4e-5; with a model of your own 2e-6)
          --beta X               how firmly the policy is held near the reference (default: 0.1)
          --batch-size N         pairs per step (default: 8)
          --max-length N         tokens per conversation; longer ones are cut (default: 512)
          --output FOLDER        saves the trained model there
          --checkpoints FOLDER   keeps the run there while it trains: the same command goes on after a stop
          --help                 this text

        Values may stand behind an equals sign, too: --model=FOLDER.
        Ctrl-C stops after the current step; what was trained until then is shown and saved as after the last one. A second Ctrl-C ends at once.
        """;

    private static readonly string[] s_names =
    [
        .. Usage.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(word => word.TrimEnd(','))
            .Where(word => word.StartsWith("--", StringComparison.Ordinal)),
    ];

    /// <summary>Folder of the model to start from.</summary>
    public string Model { get; private init; } = Path.Combine(AppContext.BaseDirectory, "model");

    /// <summary>The user's own preferences, or <see langword="null"/> for the bakery's.</summary>
    public string? Data { get; private init; }

    /// <summary>How the rows of the data are read.</summary>
    public PreferenceFileOptions FileOptions => new()
    {
        Prompt = Fields.GetValueOrDefault("--prompt-field"),
        Chosen = Fields.GetValueOrDefault("--chosen-field"),
        Rejected = Fields.GetValueOrDefault("--rejected-field"),
        System = Fields.GetValueOrDefault("--system-field"),
        History = Fields.GetValueOrDefault("--history-field"),
        Tools = Fields.GetValueOrDefault("--tools-field"),
        IgnoredFields = IgnoredFields,
    };

    /// <summary>Passes over the training pairs.</summary>
    public int Epochs { get; private init; } = 3;

    /// <summary>Highest learning rate of the schedule; by default one for the bakery's million parameters, and a far smaller one for larger models.</summary>
    public double LearningRate { get => field > 0 ? field : OwnModel ? 2e-6 : 4e-5; private init; }

    /// <summary>The DPO temperature.</summary>
    public double Beta { get; private init; } = 0.1;

    /// <summary>Pairs per step.</summary>
    public int BatchSize { get; private init; } = 8;

    /// <summary>Longest conversation, in tokens.</summary>
    public int MaxLength { get; private init; } = 512;

    /// <summary>Where to save the trained model, if anywhere.</summary>
    public string? Output { get; private init; }

    /// <summary>Where to keep checkpoints, if anywhere.</summary>
    public string? Checkpoints { get; private init; }

    /// <summary>Whether only the usage is asked for.</summary>
    public bool Help { get; private init; }

    private bool OwnModel { get; init; }

    private bool OwnData { get; init; }

    private ImmutableDictionary<string, string> Fields { get; init; } = ImmutableDictionary<string, string>.Empty;

    private ImmutableList<string> IgnoredFields { get; init; } = [];

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">An option is unknown, or its value is missing or out of range.</exception>
    public static QuickStartOptions Parse(string[] arguments)
    {
        QuickStartOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            (string name, string? joined) = Divide(arguments[i]);
            if (name is "--help" or "-h" or "-?")
                return options with { Help = true };
            if (!s_names.Contains(name))
                throw new ArgumentException($"{name} is not an option; --help lists them.");
            bool follows = joined is null && i + 1 < arguments.Length && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal);
            string value = joined ?? (follows ? arguments[++i] : "");
            if (value.Length == 0)
                throw new ArgumentException($"{name} lacks a value.");
            options = name switch
            {
                "--model" => options with { Model = value, OwnModel = true },
                "--data" => options with { Data = value, OwnData = true },
                "--prompt-field" or "--chosen-field" or "--rejected-field" or "--system-field" or "--history-field" or "--tools-field"
                    => options with { Fields = options.Fields.SetItem(name, value) },
                "--ignore-field" => options with { IgnoredFields = options.IgnoredFields.Add(value) },
                "--epochs" => options with { Epochs = Count(name, value) },
                "--learning-rate" => options with { LearningRate = Size(name, value) },
                "--beta" => options with { Beta = Size(name, value) },
                "--batch-size" => options with { BatchSize = Count(name, value) },
                "--max-length" => options with { MaxLength = Count(name, value) },
                "--output" => options with { Output = value },
                "--checkpoints" => options with { Checkpoints = value },
                _ => throw new InvalidOperationException($"{name} is in the usage, but not read."),
            };
        }
        if (!options.OwnData && options.Fields.Keys.Concat(options.IgnoredFields.Select(_ => "--ignore-field")).Order(StringComparer.Ordinal)
            .FirstOrDefault() is { } field)
        {
            throw new ArgumentException($"{field} names a field of your own data; give it with --data.");
        }

        return options;
    }

    // --name=value is --name value
    private static (string Name, string? Value) Divide(string argument)
    {
        int equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=') : -1;
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    private static int Count(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0
            ? count
            : throw new ArgumentException($"{name} is '{value}'; it must be a whole number of at least 1.");

    private static double Size(string name, string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double size) && size > 0 && double.IsFinite(size)
            ? size
            : throw new ArgumentException($"{name} is '{value}'; it must be a number above 0, such as 2e-4.");
}
