using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>Sequences of any lengths, one after the other without padding, of which several may continue one shared prefix.</summary>
/// <remarks>
/// The rows are cut into consecutive segments; every segment is some sequence's own, and a sequence may also see one earlier segment as its prefix.
/// A preference pair is three segments (shared prefix, rest of chosen, rest of rejected) and two sequences.
/// Linear layers see each row once; attention runs per sequence and costs what the sequences need, to the last row.
/// </remarks>
internal sealed class PackedLayout : IAttentionLayout
{
    private const long CausalStep = 512; // columns at once in libtorch's kernel for the CPU

    private readonly long[] _segments;
    private readonly PackedSequence[] _sequences;
    private readonly ScalarType _computeType;
    private readonly Dictionary<(long Prefix, long Own, int Window), Tensor> _biases = [];
    private VariableLengthPlan? _plan;

    /// <summary>Lays out the sequences; their own segments, in order, must be all segments.</summary>
    public PackedLayout(long[] segments, PackedSequence[] sequences, ScalarType computeType, Device device)
    {
        (_segments, _sequences, _computeType) = (segments, sequences, computeType);
        long[] positions = new long[segments.Sum()];
        long row = 0;
        foreach (PackedSequence sequence in sequences)
        {
            long prefix = PrefixLength(sequence), own = OwnLength(sequence);
            for (long i = 0; i < own; i++)
                positions[row++] = prefix + i;
            PositionsEnd = Math.Max(PositionsEnd, prefix + own);
        }
        if (row != positions.Length)
            throw new ArgumentException($"The sequences own {row} rows, but the segments have {positions.Length}.", nameof(sequences));
        Positions = HostCopy.To(tensor(positions), device); // (N)
    }

    public Tensor Positions { get; }

    public long PositionsEnd { get; }

    public IReadOnlyList<AttentionSpan>? Spans => [.. _sequences.Select(sequence => new AttentionSpan(
        Start(sequence.First), checked((int)OwnLength(sequence)), sequence.Prefix < 0 ? 0 : Start(sequence.Prefix), checked((int)PrefixLength(sequence))))];

    public Tensor? RowsBeyond(long length)
    {
        Dictionary<int, long> longest = []; // by the sequence that owns the shared prefix
        foreach (PackedSequence sequence in _sequences)
        {
            int owner = OwnerOf(sequence);
            longest[owner] = Math.Max(longest.GetValueOrDefault(owner), PrefixLength(sequence) + OwnLength(sequence));
        }
        if (longest.Values.All(total => total <= length))
            return null;
        bool[] beyond = [.. _sequences.SelectMany(sequence => Enumerable.Repeat(longest[OwnerOf(sequence)] > length, checked((int)OwnLength(sequence))))];
        return HostCopy.To(tensor(beyond), Positions.device); // (N)
    }

    public Tensor Attend(int layer, Tensor query, Tensor key, Tensor value, double dropout, int window = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        if (FlashAttention.Serves(query, dropout))
            return FlashAttention.Attend(Plan, query, key, value, window).MoveToOuterDisposeScope(); // (N, heads * D)
        Tensor[] queries = query.split(_segments), keys = key.split(_segments), values = value.split(_segments);
        Tensor[] outputs = new Tensor[_sequences.Length];
        for (int i = 0; i < _sequences.Length; i++)
        {
            PackedSequence sequence = _sequences[i];
            (long prefix, long own) = (PrefixLength(sequence), OwnLength(sequence));
            int narrow = window < prefix + own ? window : 0;
            bool masked = narrow > 0 || Masked(prefix, own);
            Tensor attended = ScaledDotProduct.Attend(
                Rows(queries, sequence, withPrefix: prefix > 0 && !masked), Rows(keys, sequence, prefix > 0), Rows(values, sequence, prefix > 0),
                masked ? Bias(prefix, own, narrow) : null, causal: !masked, dropout).squeeze(0); // (own or prefix + own, heads * D)
            outputs[i] = attended.narrow(0, attended.shape[0] - own, own); // (own, heads * D)
        }
        return (outputs.Length == 1 ? outputs[0] : cat(outputs)).MoveToOuterDisposeScope(); // (N, heads * D)
    }

    /// <summary>The sequences for an attention over all of them at once, which all layers use.</summary>
    internal VariableLengthPlan Plan => _plan ??= VariableLengthPlan.Beside(
        [.. _sequences.Select(OwnLength)],
        [.. _sequences.Select(sequence => (sequence.Prefix < 0 ? 0 : Start(sequence.Prefix), PrefixLength(sequence)))], Positions);

    /// <summary>
    /// Whether a sequence's own rows look at its prefix through a mask; otherwise the prefix's rows look again, with the causal flag, and what they see is
    /// dropped.
    /// </summary>
    /// <remarks>
    /// A masked product runs whole; with the flag, libtorch's kernel for the CPU spares the columns behind each 512 rows, which long answers to short prompts
    /// gain more by.
    /// </remarks>
    internal static bool Masked(long prefix, long own)
    {
        if (prefix == 0)
            return false;
        long total = prefix + own, blocks = total / CausalStep;
        long causal = CausalStep * CausalStep * blocks * (blocks + 1) / 2 + total % CausalStep * total;
        return own * total <= causal;
    }

    /// <summary>The mask of sequences of these lengths, which all layers use.</summary>
    private Tensor Bias(long prefix, long own, int window)
    {
        if (!_biases.TryGetValue((prefix, own, window), out Tensor? bias))
        {
            bias = WindowBias.Of(own, prefix + own, window, _computeType, Positions.device).MoveToOtherDisposeScope(Positions); // (own, prefix + own)
            _biases.Add((prefix, own, window), bias);
        }
        return bias;
    }

    private static Tensor Rows(Tensor[] parts, PackedSequence sequence, bool withPrefix)
    {
        IEnumerable<Tensor> own = parts.Skip(sequence.First).Take(sequence.Count);
        Tensor[] rows = [.. withPrefix ? own.Prepend(parts[sequence.Prefix]) : own];
        return (rows.Length == 1 ? rows[0] : cat(rows)).unsqueeze(0); // (1, rows, heads, D)
    }

    /// <summary>The first segment of the sequence whose rows a sequence's prefix is, or of itself.</summary>
    private int OwnerOf(PackedSequence sequence)
    {
        while (sequence.Prefix >= 0)
            sequence = _sequences.First(other => other.First <= sequence.Prefix && sequence.Prefix < other.First + other.Count);
        return sequence.First;
    }

    private long Start(int segment) => _segments.AsSpan(0, segment).ToArray().Sum();

    private long PrefixLength(PackedSequence sequence) => sequence.Prefix < 0 ? 0 : _segments[sequence.Prefix];

    private long OwnLength(PackedSequence sequence) => _segments.AsSpan(sequence.First, sequence.Count).ToArray().Sum();
}
