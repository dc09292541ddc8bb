using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Attention;

public sealed class PackedAttentionTests
{
    private const string Roundings = "sums of a hundred products and powers within 2 ulp come to some 25 roundings of 2^-23";

    /// <summary>A prompt with two continuations, a sequence of its own, a prompt with one continuation, a single row, and a span without rows.</summary>
    private static readonly AttentionSpan[] s_spans =
    [
        new(0, 40, 0, 0), new(40, 31, 0, 40), new(71, 25, 0, 40), new(96, 33, 0, 0), new(129, 50, 0, 0), new(179, 1, 129, 50), new(180, 1, 0, 0),
            new(181, 0, 129, 50),
    ];

    private const long Rows = 181;

    [Theory]
    [InlineData(4, 2, 24)]
    [InlineData(3, 1, 64)]
    [InlineData(2, 2, 8)]
    [InlineData(1, 1, 128)]
    public void Forward_SharedPrefixesAndGroupedHeads_IsTorchsAttention(long heads, long keyHeads, int dim)
    {
        using DisposeScope scope = NewDisposeScope();
        Inputs inputs = new(heads, keyHeads, dim);

        Tensor output = PackedAttention.Forward(inputs.Query, inputs.Key, inputs.Value, s_spans, dim).Output;

        output.ShouldRound(Exact(inputs).Output, 3e-6, Roundings);
    }

    [Theory]
    [InlineData(4, 2, 24)]
    [InlineData(3, 1, 64)]
    [InlineData(2, 2, 8)]
    [InlineData(1, 1, 128)]
    public void Backward_SharedPrefixesAndGroupedHeads_GivesAutogradsGradientsPerQueryHead(long heads, long keyHeads, int dim)
    {
        using DisposeScope scope = NewDisposeScope();
        Inputs inputs = new(heads, keyHeads, dim);
        (Tensor output, Tensor logSums) = PackedAttention.Forward(inputs.Query, inputs.Key, inputs.Value, s_spans, dim);

        (Tensor query, Tensor key, Tensor value) = PackedAttention.Backward(
            inputs.Query, inputs.Key, inputs.Value, output, logSums, inputs.Gradient, s_spans, dim);

        Outcome exact = Exact(inputs);
        query.ShouldRound(exact.Query, 3e-6, Roundings);
        key.ShouldRound(exact.Key, 3e-6, Roundings);
        value.ShouldRound(exact.Value, 3e-6, Roundings);
    }

    [Fact]
    public void BothPasses_WithinAScope_LeaveTheirResultsOnly()
    {
        using DisposeScope scope = NewDisposeScope();
        Inputs inputs = new(4, 2, 24);
        int before = scope.DisposablesCount;

        (Tensor output, Tensor logSums) = PackedAttention.Forward(inputs.Query, inputs.Key, inputs.Value, s_spans, 24);
        PackedAttention.Backward(inputs.Query, inputs.Key, inputs.Value, output, logSums, inputs.Gradient, s_spans, 24);

        scope.DisposablesCount.Should().Be(before + 5);
    }

    [Fact]
    public void Families_SharedPrefixes_StandTogetherMostWorkFirst()
    {
        AttentionSpan[][] families = PackedAttention.Families(s_spans);

        families.Should().BeEquivalentTo(
            new AttentionSpan[][] { [s_spans[0], s_spans[1], s_spans[2]], [s_spans[4], s_spans[5]], [s_spans[3]], [s_spans[6]] },
                options => options.WithStrictOrdering(),
            "two threads that share rows would add to the same gradients");
    }

    [Fact]
    public void Families_PrefixWithinALongerSpan_JoinsIt()
    {
        AttentionSpan[] spans = [new(0, 40, 0, 0), new(40, 5, 10, 20), new(45, 5, 40, 5)];

        PackedAttention.Families(spans).Should().ContainSingle().Which.Should().Equal(spans);
    }

    private static Outcome Exact(Inputs inputs)
    {
        // (N, heads, D)
        Tensor query = inputs.PerHead(inputs.Query).Exact(), key = inputs.PerQueryHead(inputs.Key).Exact(), value = inputs.PerQueryHead(inputs.Value).Exact();
        Tensor output = cat([.. s_spans.Where(span => span.Own > 0).Select(span => Attend(span, query, key, value))], 0); // (N, heads, D)
        output.backward([inputs.PerHead(inputs.Gradient).to(ScalarType.Float64)]);
        return new Outcome(output.detach().view(Rows, -1), query.grad!.view(Rows, -1), key.grad!.view(Rows, -1), value.grad!.view(Rows, -1)); // (N, heads * D)
    }

    /// <summary>The own rows' output, (own, heads, D).</summary>
    private static Tensor Attend(AttentionSpan span, Tensor query, Tensor key, Tensor value)
    {
        // (heads, prefix + own, D)
        Tensor Seen(Tensor rows) => cat([rows.narrow(0, span.PrefixStart, span.Prefix), rows.narrow(0, span.Start, span.Own)], 0).transpose(0, 1);
        Tensor visible = ones(span.Own, span.Prefix + span.Own).tril(span.Prefix).to(ScalarType.Bool); // (own, prefix + own)
        return nn.functional.scaled_dot_product_attention(
            query.narrow(0, span.Start, span.Own).transpose(0, 1), Seen(key), Seen(value), visible).transpose(0, 1);
    }

    private sealed record Outcome(Tensor Output, Tensor Query, Tensor Key, Tensor Value);

    private sealed class Inputs
    {
        private readonly long _heads, _keyHeads;

        public Inputs(long heads, long keyHeads, int dim)
        {
            (_heads, _keyHeads) = (heads, keyHeads);
            using Generator random = new(5);
            (Query, Gradient) = (randn([Rows, heads * dim], generator: random), randn([Rows, heads * dim], generator: random));
            (Key, Value) = (randn([Rows, keyHeads * dim], generator: random), randn([Rows, keyHeads * dim], generator: random));
        }

        public Tensor Query { get; }

        public Tensor Key { get; }

        public Tensor Value { get; }

        public Tensor Gradient { get; }

        /// <summary>(N, heads, D).</summary>
        public Tensor PerHead(Tensor rows) => rows.view(Rows, _heads, -1);

        /// <summary>Each key-value head as often as query heads see it, (N, heads, D).</summary>
        public Tensor PerQueryHead(Tensor rows) => rows.view(Rows, _keyHeads, -1).repeat_interleave(_heads / _keyHeads, 1);
    }
}
