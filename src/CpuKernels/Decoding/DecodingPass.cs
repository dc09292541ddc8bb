namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>What layers do with the rows of a pass, on several threads where that is faster.</summary>
/// <param name="rows">The rows; the caller's.</param>
public sealed unsafe class DecodingPass(DecodingRows rows)
{
    private readonly ProductWork _products = new(rows);
    private readonly GateWork _gates = new(rows);
    private readonly HeadWork _heads = new(rows);
    private readonly AttentionWork _attention = new(rows);

    /// <summary>The rows.</summary>
    public DecodingRows Rows => rows;

    /// <summary>Runs a decoder layer over the rows: what it adds to the residual stream is left to the next one, or to <see cref="Finish"/>.</summary>
    /// <param name="shape">What the layer computes.</param>
    /// <param name="matrices">With which matrices.</param>
    /// <param name="layer">Its index.</param>
    public void Run(LayerShape shape, LayerMatrices matrices, int layer)
    {
        Normalise(matrices.InputNorm, shape.Epsilon);
        _products.Run(rows.Normalised, rows.Count, (matrices.Query, rows.Query), (matrices.Key, rows.Key), (matrices.Value, rows.Value));
        _heads.Run(shape, matrices, layer);
        _attention.Run(shape, layer);
        _products.Run(rows.Mixed, rows.Count, (matrices.Output, rows.Added));
        Added(matrices.AttentionOutputNorm, shape.Epsilon);
        Normalise(matrices.FeedForwardNorm, shape.Epsilon);
        if (matrices.FeedForward is { } dense)
            Feed(dense, rows.Normalised, rows.Added, rows.Count, shape.Gelu);
        else
            Route(matrices.Experts!, shape);
        Added(matrices.FeedForwardOutputNorm, shape.Epsilon);
    }

    /// <summary>The scores of every token of the vocabulary behind some of the rows.</summary>
    /// <param name="wanted">The rows' indices, ascending.</param>
    /// <param name="norm">The last norm.</param>
    /// <param name="epsilon">Added under its root.</param>
    /// <param name="head">(V, hidden).</param>
    /// <param name="logits">As many rows at least, (V) each.</param>
    public void Finish(ReadOnlySpan<int> wanted, FloatRows norm, float epsilon, PackedMatrix head, FloatRows logits)
    {
        for (int i = 0; i < wanted.Length; i++)
            rows.Normalise(wanted[i], norm, epsilon, rows.Normalised.At(i));
        _products.Run(rows.Normalised, wanted.Length, (head, logits));
    }

    private void Normalise(FloatRows norm, float epsilon)
    {
        for (int row = 0; row < rows.Count; row++)
            rows.Normalise(row, norm, epsilon, rows.Normalised.At(row));
        rows.IsAdding = false;
    }

    private void Added(FloatRows? norm, float epsilon)
    {
        if (norm is not null)
            rows.NormaliseAdded(norm, epsilon);
        rows.IsAdding = true;
    }

    private void Feed(GatedMatrices matrices, FloatRows from, FloatRows to, int count, bool gelu)
    {
        _gates.Run(matrices, from, count, gelu);
        _products.Run(rows.Gate, count, (matrices.Down, to));
    }

    /// <summary>Every row through the experts that the router picks for it, in their order, and through those that all rows pass.</summary>
    private void Route(ExpertMatrices experts, LayerShape shape)
    {
        FloatRows scores = rows.Scores!, picked = rows.Picked!, sum = rows.PickedSum!;
        _products.Run(rows.Normalised, rows.Count, (experts.Router, scores));
        for (int row = 0; row < rows.Count; row++)
        {
            RouterShares.Pick(scores.Row(row)[..experts.Routed.Count], experts.PerRow, experts.Normalised);
            new Span<float>(rows.Added.At(row), rows.Added.Stride).Clear();
        }
        int[] places = new int[rows.Count];
        for (int expert = 0; expert < experts.Routed.Count; expert++)
        {
            int count = 0;
            for (int row = 0; row < rows.Count; row++)
            {
                if (scores.At(row)[expert] == 0)
                    continue;
                rows.Normalised.Row(row).CopyTo(picked.Row(count));
                places[count++] = row;
            }
            if (count == 0)
                continue;
            Feed(experts.Routed[expert], picked, sum, count, shape.Gelu);
            for (int i = 0; i < count; i++)
                Add(sum.At(i), scores.At(places[i])[expert], rows.Added.At(places[i]), sum.Width);
        }
        foreach (GatedMatrices shared in experts.Shared)
        {
            Feed(shared, rows.Normalised, sum, rows.Count, shape.Gelu);
            for (int row = 0; row < rows.Count; row++)
                Add(sum.At(row), 1, rows.Added.At(row), sum.Width);
        }
    }

    private static void Add(float* from, float factor, float* to, int width)
    {
        for (int i = 0; i < width; i++)
            to[i] += from[i] * factor;
    }
}
