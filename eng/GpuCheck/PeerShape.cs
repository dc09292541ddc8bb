using System.Globalization;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuCheck;

/// <summary>A model and its pairs that both programs make by the same rule, so that nothing need travel; <c>minimind.py</c> has the rule too.</summary>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Layers">Decoder layers.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key-value heads.</param>
/// <param name="HeadDim">Width of one head.</param>
/// <param name="Intermediate">Width of the feed-forward layer.</param>
/// <param name="Vocabulary">Entries of the vocabulary.</param>
/// <param name="Pairs">Pairs in a step.</param>
/// <param name="Length">Tokens of each conversation: half a prompt, half an answer.</param>
internal sealed record PeerShape(
    int Hidden, int Layers, int Heads, int KeyValueHeads, int HeadDim, int Intermediate, int Vocabulary, int Pairs, int Length)
{
    /// <summary>Batches that take turns.</summary>
    public const int Batches = 4;

    private const int FirstId = 8;
    private const double Deviation = 0.02;

    /// <summary>Reads nine numbers between commas.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static PeerShape Parse(string text)
    {
        int[] numbers = [.. text.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        return numbers is [int hidden, int layers, int heads, int groups, int dim, int intermediate, int vocabulary, int pairs, int length]
            ? new PeerShape(hidden, layers, heads, groups, dim, intermediate, vocabulary, pairs, length)
            : throw new FormatException($"'{text}' is no shape: nine numbers between commas.");
    }

    /// <summary>The same as text.</summary>
    public string Text => string.Join(',', (int[])[Hidden, Layers, Heads, KeyValueHeads, HeadDim, Intermediate, Vocabulary, Pairs, Length]);

    /// <summary>The network's shape.</summary>
    public ModelConfig Config => new()
    {
        HiddenSize = Hidden, LayerCount = Layers, HeadCount = Heads, KeyValueHeadCount = KeyValueHeads, HeadDim = HeadDim, IntermediateSize = Intermediate,
        VocabularySize = Vocabulary, MaxPositions = Math.Max(2048, Length),
    };

    /// <summary>The network with the weights that the rule says: norms one, matrices drawn on the device, each from a seed of its own.</summary>
    public MiniMindNetwork Network(Device device)
    {
        MiniMindNetwork network = new(Config);
        if (device.type != DeviceType.CPU)
            network.to(device);
        ulong seed = 0;
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in network.named_parameters().OrderBy(entry => entry.name, StringComparer.Ordinal))
        {
            seed++;
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            using Generator random = new(seed, device);
            using Scalar one = 1.0.ToScalar(), deviation = Deviation.ToScalar();
            if (parameter.dim() == 1)
                parameter.fill_(one);
            else
                parameter.copy_(randn(parameter.shape, generator: random, device: device).mul_(deviation));
        }
        return network;
    }

    /// <summary>All pairs, batch after batch.</summary>
    public IReadOnlyList<PreferenceExample> Examples() =>
        [.. Enumerable.Range(0, Batches * Pairs).Select(row => new PreferenceExample(Side(row, 1), Side(row, 2), row + 1))];

    /// <summary>Ids of a conversation.</summary>
    /// <param name="row">Which pair.</param>
    /// <param name="side">1 for chosen, 2 for rejected.</param>
    public int[] Ids(int row, int side) =>
    [
        .. Enumerable.Range(0, Length).Select(place =>
            (int)((row * 7919L + place * 104729L + (place < Length / 2 ? 0 : side * 15485863L)) % (Vocabulary - FirstId)) + FirstId),
    ];

    private Response Side(int row, int side)
    {
        int[] ids = Ids(row, side);
        return new Response(ids[..^1], ids[1..], [.. Enumerable.Range(1, Length - 1).Select(place => (byte)(place >= Length / 2 ? 1 : 0))]);
    }
}
