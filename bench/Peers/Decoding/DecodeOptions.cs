using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Decoding;

/// <summary>What is compared.</summary>
/// <param name="Shapes">Hidden size and layers.</param>
/// <param name="Threads">Numbers of threads.</param>
/// <param name="Seconds">How long each comparison goes on.</param>
/// <param name="WithLlama">Whether llama.cpp takes turns with the library; otherwise only the library's own ways do.</param>
internal sealed record DecodeOptions(IReadOnlyList<(int Hidden, int Layers)> Shapes, IReadOnlyList<int> Threads, double Seconds, bool WithLlama)
{
    /// <exception cref="ArgumentException">An argument is not known.</exception>
    public static DecodeOptions Parse(ReadOnlySpan<string> arguments)
    {
        DecodeOptions options = new([(256, 6), (768, 8)], [1, 2], 20, WithLlama: true);
        for (int i = 0; i + 1 < arguments.Length; i += 2)
        {
            string value = arguments[i + 1];
            options = arguments[i] switch
            {
                "--shape" => options with { Shapes = [ShapeOf(value)] },
                "--threads" => options with { Threads = [int.Parse(value, CultureInfo.InvariantCulture)] },
                "--seconds" => options with { Seconds = double.Parse(value, CultureInfo.InvariantCulture) },
                "--peer" => options with { WithLlama = IsLlama(value) },
                _ => throw new ArgumentException($"'{arguments[i]}' is not known: --shape, --threads, --seconds or --peer."),
            };
        }
        return arguments.Length % 2 == 0 ? options : throw new ArgumentException($"'{arguments[^1]}' has no value.");
    }

    private static bool IsLlama(string value) => value switch
    {
        "llama" => true,
        "none" => false,
        _ => throw new ArgumentException($"'{value}' is no peer: llama or none."),
    };

    private static (int, int) ShapeOf(string value) => value.Split('x') is [var hidden, var layers]
        ? (int.Parse(hidden, CultureInfo.InvariantCulture), int.Parse(layers, CultureInfo.InvariantCulture))
        : throw new ArgumentException($"'{value}' is no shape such as 256x6.");
}
