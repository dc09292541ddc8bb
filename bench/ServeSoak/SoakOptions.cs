using System.Globalization;

namespace MiniMind.MLNet.Dpo.Bench.ServeSoak;

/// <summary>How much is asked.</summary>
internal sealed record SoakOptions
{
    public const string Help = """
        Asks a server on this machine many requests of mixed kinds, and prints what came and what memory it took. It ends with 1 where something is amiss.
          --requests N   how many (10000)
          --users N      how many at once (8)
          --together N   how many are decoded together (4)
          --model PATH   the model (the bakery's)
          --seed N       of the kinds' order (1)
        """;

    public int Requests { get; init; } = 10_000;

    public int Users { get; init; } = 8;

    public int Together { get; init; } = 4;

    public int Seed { get; init; } = 1;

    public string Model { get; init; } = Path.Combine(AppContext.BaseDirectory, "model");

    public static SoakOptions Parse(IReadOnlyList<string> arguments)
    {
        SoakOptions options = new();
        for (int i = 0; i < arguments.Count; i += 2)
        {
            string value = i + 1 < arguments.Count ? arguments[i + 1] : throw new ArgumentException($"{arguments[i]} needs a value.");
            int Number() => int.Parse(value, CultureInfo.InvariantCulture);
            options = arguments[i] switch
            {
                "--requests" => options with { Requests = Number() },
                "--users" => options with { Users = Number() },
                "--together" => options with { Together = Number() },
                "--seed" => options with { Seed = Number() },
                "--model" => options with { Model = value },
                var other => throw new ArgumentException($"'{other}' is no option.\n{Help}"),
            };
        }
        return options;
    }
}
