using TorchSharp;

namespace GpuCheck;

/// <summary>The command line.</summary>
internal sealed record CheckOptions
{
    /// <summary>What is checked.</summary>
    public required torch.Device Device { get; init; }

    /// <summary>Hidden sizes of the measured models.</summary>
    public required IReadOnlyList<int> Hidden { get; init; }

    /// <summary>How long each size is measured.</summary>
    public required double Seconds { get; init; }

    /// <summary>What is done, in this order.</summary>
    public required IReadOnlyList<Stage> Stages { get; init; }

    /// <summary>The folder for results; <see langword="null"/> for none.</summary>
    public string? Out { get; init; }

    /// <summary>A checkout of MiniMind, to be measured beside; <see langword="null"/> for none.</summary>
    public string? MiniMind { get; init; }

    /// <summary>The interpreter that runs it.</summary>
    public required string Python { get; init; }

    /// <summary>Whether the device is a GPU.</summary>
    public bool Gpu => Device.type == DeviceType.CUDA;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">An option is unknown, or CUDA is asked for and not there.</exception>
    public static CheckOptions Parse(string[] arguments)
    {
        string device = "auto", hidden = "", stages = "";
        string? folder = null, miniMind = null, python = null;
        double seconds = 0;
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : throw new ArgumentException($"{arguments[i]} lacks a value.");
            switch (arguments[i])
            {
                case "--device":
                    device = value;
                    break;
                case "--hidden":
                    hidden = value;
                    break;
                case "--seconds":
                    seconds = double.Parse(value);
                    break;
                case "--stages":
                    stages = value;
                    break;
                case "--out":
                    folder = value;
                    break;
                case "--minimind":
                    miniMind = Directory.Exists(value) ? value : throw new ArgumentException($"--minimind: there is no folder {value}.");
                    break;
                case "--python":
                    python = value;
                    break;
                default:
                    throw new ArgumentException($"{arguments[i]} is not an option: --device, --stages, --out, --hidden, --seconds, --minimind, --python.");
            }
        }
        bool gpu = device.StartsWith("cuda", StringComparison.Ordinal) || (device == "auto" && torch.cuda.is_available());
        if (gpu && !torch.cuda.is_available())
            throw new ArgumentException("This libtorch sees no CUDA device; --device cpu runs the same steps on the CPU.");
        int index = device.StartsWith("cuda:", StringComparison.Ordinal) ? int.Parse(device[5..]) : 0;
        return new CheckOptions
        {
            Device = gpu ? torch.device(DeviceType.CUDA, index) : torch.CPU, Seconds = seconds > 0 ? seconds : gpu ? 20 : 4,
            Hidden = hidden.Length > 0 ? [.. hidden.Split(',').Select(int.Parse)] : gpu ? [512, 1024, 2048] : [128, 256],
            Stages = stages.Length == 0 ? Stage.All : [.. stages.Split(',').Select(Named)], Out = folder, MiniMind = miniMind,
            Python = python ?? "python3",
        };
    }

    private static Stage Named(string name) => Stage.All.FirstOrDefault(stage => stage.Name == name)
        ?? throw new ArgumentException($"{name} is not a stage: {string.Join(", ", Stage.All.Select(stage => stage.Name))}.");
}
