using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.LongRun;

/// <summary>The command line of <c>memory</c>.</summary>
internal sealed record MemoryOptions
{
    public static string Help { get; } = $"""
        dotnet run -c Release --project bench/LongRun -- memory [options] [shape ...]

        Trains random models on random pairs, each shape in a process of its own, and prints resident memory against the forecast of the first step.
        Shapes: {string.Join(", ", MemoryShape.All.Select(shape => shape.Name))} (all)

          --steps N            optimizer steps                        (1000)
          --threads N          threads of libtorch                    (1)
          --usual-heap         TuneNativeHeap = false: memory as libtorch and the C library have it by themselves
        """;

    public int Steps { get; private init; } = 1000;

    public int Threads { get; private init; } = 1;

    public bool UsualHeap { get; private init; }

    public IReadOnlyList<string> Shapes { get; private init; } = [];

    public static MemoryOptions Parse(string[] arguments)
    {
        MemoryOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            int Number() => i + 1 < arguments.Length ? int.Parse(arguments[++i], CultureInfo.InvariantCulture)
                : throw new ArgumentException($"{arguments[i]} needs a value.");
            options = arguments[i] switch
            {
                "--steps" => options with { Steps = Number() },
                "--threads" => options with { Threads = Number() },
                "--usual-heap" => options with { UsualHeap = true },
                string name when MemoryShape.All.Any(shape => shape.Name == name) => options with { Shapes = [.. options.Shapes, name] },
                _ => throw new ArgumentException($"'{arguments[i]}' is neither an option nor a shape.\n{Help}"),
            };
        }
        return options.Shapes.Count > 0 ? options : options with { Shapes = [.. MemoryShape.All.Select(shape => shape.Name)] };
    }

    /// <summary>The command line of one shape's process.</summary>
    public IEnumerable<string> ForShape(string shape) =>
        ["--steps", $"{Steps}", "--threads", $"{Threads}", .. UsualHeap ? new[] { "--usual-heap" } : [], shape];
}
