using System.Globalization;

namespace MiniMind.MLNet.Dpo.Transforms.Splitting;

/// <summary>One side of a split: the prompts that fall into a range, or those that do not.</summary>
/// <param name="Name">What it is called, such as <c>test</c>.</param>
/// <param name="Start">Where the range begins.</param>
/// <param name="End">Where it ends, itself excluded.</param>
/// <param name="Within">Whether the prompts in the range are taken, or the others.</param>
/// <param name="Seed">The seed, for messages.</param>
internal sealed record SplitSide(string Name, double Start, double End, bool Within, int Seed)
{
    /// <summary>Whether a prompt that falls there is on this side.</summary>
    public bool Takes(double place) => (place >= Start && place < End) == Within;

    /// <summary>The error for a side without a row.</summary>
    /// <param name="rows">Rows of the data.</param>
    /// <param name="prompts">Different prompts among them.</param>
    public InvalidDataException Empty(long rows, int prompts) => new(
        rows == 0 ? "The data to split has no row." :
        prompts == 1
            ? $"The {Name} side of the split has no row: the data has one prompt only ({Count(rows, "row")}), and a prompt is never on both sides. " +
              "Take data with more prompts." :
        string.Create(CultureInfo.InvariantCulture,
            $"The {Name} side of the split has no row: it takes {(Within ? End - Start : 1 - (End - Start)):P0} of the prompts, " +
            $"and none of {prompts} fell there with seed {Seed}. Give it a larger share, take another seed, or more prompts."));

    private static string Count(long number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}
