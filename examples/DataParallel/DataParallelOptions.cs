using System.Collections.Immutable;
using System.Globalization;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace DataParallel;

/// <summary>What the command line asks for.</summary>
internal sealed record DataParallelOptions
{
    /// <summary>The text of --help.</summary>
    public const string Usage = """
        Trains a small language model on preferences (DPO) with several processes.

          dotnet build -c Release examples/DataParallel
          mpirun -n 2 dotnet run -c Release --no-build --project examples/DataParallel [-- OPTIONS]

          --model FOLDER         a model of your own: config.json, tokenizer.json, tokenizer_config.json,
                                 model.safetensors or *.pth (default: the bakery model beside this program)
          --data FILE            preferences of your own, JSONL (default: the bakery's)
          --prompt-field NAME    the field of its rows with the prompt, where the rows are of no known shape; likewise
                                 --chosen-field, --rejected-field, --system-field, --history-field, --tools-field
          --ignore-field NAME    a field that is no part of the conversation, although it may look so; may be repeated
          --epochs N             passes over the pairs
          --learning-rate X      highest step size of the schedule
          --batch-size N         pairs per step and process
          --accumulation N       batches per step and process
          --threads N            CPU threads of each process (default: the machine's cores, shared out)
          --gpu                  each process takes the GPU of its number on its machine; gradients go by NCCL
          --timeout SECONDS      after which a process that does not come ends the run
          --checkpoints FOLDER   keeps the run there, on a disk that all share: the same command goes on after a
                                 stop, also with another number of processes
          --output FOLDER        saves the trained model there
          --help                 this text

        Without mpirun or srun it is a run of one process. Two processes take the steps of one with twice the
        --batch-size. Open MPI binds each of two processes to one core: give it --bind-to none. Ctrl-C stops
        after the current step, with a checkpoint if those are kept.
        """;

    /// <summary>Folder of the model to start from.</summary>
    public string Model { get; private init; } = Path.Combine(AppContext.BaseDirectory, "model");

    /// <summary>The preferences.</summary>
    public string Data { get; private init; } = Path.Combine(AppContext.BaseDirectory, "data", "train.jsonl");

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

    /// <summary>Passes over the pairs.</summary>
    public int Epochs { get; private init; } = 2;

    /// <summary>Highest learning rate of the schedule; by default one for the bakery's million parameters, and a far smaller one for larger models.</summary>
    public double LearningRate { get => field > 0 ? field : OwnModel ? 5e-6 : 2e-4; private init; }

    /// <summary>Pairs per step and process.</summary>
    public int BatchSize { get; private init; } = 4;

    /// <summary>Batches per step and process.</summary>
    public int Accumulation { get; private init; } = 1;

    /// <summary>CPU threads of this process.</summary>
    public int Threads { get; private init; } = Math.Max(1, Environment.ProcessorCount / ProcessGroup.LocalSize);

    /// <summary>Whether each process computes on a GPU of its own.</summary>
    public bool Gpu { get; private init; }

    /// <summary>Where to keep checkpoints, if anywhere.</summary>
    public string? Checkpoints { get; private init; }

    /// <summary>How long a process waits for the others.</summary>
    public TimeSpan Timeout { get; private init; } = TimeSpan.FromMinutes(5);

    /// <summary>Where to save the trained model, if anywhere.</summary>
    public string? Output { get; private init; }

    /// <summary>Whether only the usage is asked for.</summary>
    public bool Help { get; private init; }

    private bool OwnModel { get; init; }

    private bool OwnData { get; init; }

    private ImmutableDictionary<string, string> Fields { get; init; } = ImmutableDictionary<string, string>.Empty;

    private ImmutableList<string> IgnoredFields { get; init; } = [];

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">An option is unknown, or its value is missing or out of range.</exception>
    public static DataParallelOptions Parse(string[] arguments)
    {
        DataParallelOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            if (name is "--help" or "-h" or "-?")
                return options with { Help = true };
            if (name is "--gpu")
            {
                options = options with { Gpu = true };
                continue;
            }
            string value = i + 1 < arguments.Length ? arguments[++i] : throw new ArgumentException($"{name} lacks a value.");
            options = name switch
            {
                "--model" => options with { Model = value, OwnModel = true },
                "--data" => options with { Data = value, OwnData = true },
                "--prompt-field" or "--chosen-field" or "--rejected-field" or "--system-field" or "--history-field" or "--tools-field"
                    => options with { Fields = options.Fields.SetItem(name, value) },
                "--ignore-field" => options with { IgnoredFields = options.IgnoredFields.Add(value) },
                "--epochs" => options with { Epochs = Count(name, value) },
                "--learning-rate" => options with { LearningRate = Size(name, value) },
                "--batch-size" => options with { BatchSize = Count(name, value) },
                "--accumulation" => options with { Accumulation = Count(name, value) },
                "--threads" => options with { Threads = Count(name, value) },
                "--timeout" => options with { Timeout = TimeSpan.FromSeconds(Size(name, value)) },
                "--checkpoints" => options with { Checkpoints = value },
                "--output" => options with { Output = value },
                _ => throw new ArgumentException($"{name} is not an option; --help lists them."),
            };
        }
        if (!options.OwnData && options.Fields.Keys.Concat(options.IgnoredFields.Select(_ => "--ignore-field")).Order(StringComparer.Ordinal)
            .FirstOrDefault() is { } field)
        {
            throw new ArgumentException($"{field} names a field of your own data; give it with --data.");
        }

        return options;
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
