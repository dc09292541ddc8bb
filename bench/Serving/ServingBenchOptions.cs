using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.Serving;

/// <summary>What is measured.</summary>
internal sealed record ServingBenchOptions
{
    public int Hidden { get; init; } = 768;

    public int Layers { get; init; } = 8;

    /// <summary>How many ask at once.</summary>
    public int Users { get; init; } = 8;

    /// <summary>Tokens of an answer.</summary>
    public int Tokens { get; init; } = 64;

    public int Rounds { get; init; } = 3;

    public int Threads { get; init; } = 2;

    /// <summary>Whether kernels decode where they can.</summary>
    public bool Kernels { get; init; } = true;

    public DecodingOptions Decoding { get; init; } = new();

    /// <exception cref="ArgumentException">An argument is not known.</exception>
    public static ServingBenchOptions Parse(ReadOnlySpan<string> arguments)
    {
        ServingBenchOptions options = new();
        if (arguments.Length % 2 != 0)
            throw new ArgumentException($"'{arguments[^1]}' has no value.");
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string value = arguments[i + 1];
            options = arguments[i] switch
            {
                "--shape" when value.Split('x') is [var hidden, var layers] => options with { Hidden = Number(hidden), Layers = Number(layers) },
                "--users" => options with { Users = Number(value) },
                "--tokens" => options with { Tokens = Number(value) },
                "--rounds" => options with { Rounds = Number(value) },
                "--threads" => options with { Threads = Number(value) },
                "--weights" => options with { Decoding = options.Decoding with { Weights = WeightsOf(value) } },
                "--kernels" when value is "on" or "off" => options with { Kernels = value == "on" },
                _ => throw new ArgumentException(
                    $"'{arguments[i]} {value}' is not known: --shape 768x8, --users, --tokens, --rounds, --threads, --weights fp32|bf16|int8, "
                    + "--kernels on|off."),
            };
        }
        return options with { Decoding = options.Decoding with { UsesKernels = options.Kernels } };
    }

    private static int Number(string value) => int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture);

    private static FrozenFormat WeightsOf(string value) => value switch
    {
        "fp32" => FrozenFormat.Float32,
        "bf16" => FrozenFormat.BFloat16,
        "int8" => FrozenFormat.Int8,
        _ => throw new ArgumentException($"'{value}' is none of fp32, bf16, int8."),
    };
}
