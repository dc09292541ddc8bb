using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>Greedy decoding of one sequence against the memory's speed; times are the least of rounds that take turns.</summary>
/// <param name="WeightMegabytes">fp32 weights that every token reads, the tied head once.</param>
/// <param name="CopiedGigabytesPerSecond">Of a copy of as many bytes, each counted once; memory moves twice as many, read and written.</param>
/// <param name="ReadGigabytesPerSecond">Of a sum of as many bytes.</param>
/// <param name="TokensPerSecond">Generated.</param>
/// <param name="AgainstCopy">How many times longer a token takes than copying the weights.</param>
/// <param name="AgainstCopyInProcessorTime">The same in time of all processors together.</param>
/// <param name="AgainstCopyTraffic">How many times longer it takes than the weights' bytes at the rate at which the copy reads and writes: twice
/// <paramref name="AgainstCopy"/>.</param>
/// <param name="AgainstRead">How many times longer it takes than summing the weights.</param>
/// <param name="TokenMilliseconds">One token.</param>
/// <param name="MatricesMilliseconds">All matrix products of a token alone, the head's included.</param>
/// <param name="HeadMilliseconds">Of these, the head's.</param>
/// <param name="TokenProcessorMilliseconds">One token, of all processors together.</param>
/// <param name="MatricesProcessorMilliseconds">All matrix products alone, of all processors together.</param>
internal sealed record DecodingMeasurement(
    double WeightMegabytes, double CopiedGigabytesPerSecond, double ReadGigabytesPerSecond, double TokensPerSecond,
    double AgainstCopy, double AgainstCopyInProcessorTime, double AgainstCopyTraffic, double AgainstRead,
    double TokenMilliseconds, double MatricesMilliseconds, double HeadMilliseconds, double TokenProcessorMilliseconds, double MatricesProcessorMilliseconds)
{
    private const int Prompt = 16;

    public static DecodingMeasurement Of(DecodingShape shape)
    {
        ModelConfig config = new() { HiddenSize = shape.Hidden, LayerCount = shape.Layers };
        using MiniMindNetwork network = new(config);
        using (Generator random = new(1, CPU))
            network.Initialize(random);
        set_num_threads(shape.Threads);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor[] matrices = [.. network.parameters().Where(p => p.dim() == 2)];
        Tensor[] inputs = [.. matrices.Select(matrix => randn(1, matrix.shape[1]))];
        long bytes = matrices.Sum(matrix => matrix.numel()) * sizeof(float);
        Tensor source = randn(bytes / sizeof(float)), target = empty_like(source);
        GenerationOptions options = new() { Temperature = 0, TopP = 1, TopK = 0, MaxNewTokens = shape.Tokens };
        int[] prompt = [.. Enumerable.Range(3, Prompt)];

        Timing token = new(), products = new(), head = new(), copy = new(), sum = new();
        for (int round = -1; round < shape.Rounds; round++) // the first round warms up
        {
            using GenerationSession session = new(network);
            using (IEnumerator<int> made = session.Generate(prompt, options, new HashSet<int>()).GetEnumerator())
            {
                made.MoveNext(); // reads the prompt
                token.Measure(round, shape.Tokens - 1, () => made.MoveNext());
            }
            products.Measure(round, shape.Tokens / 4, () =>
            {
                using DisposeScope step = NewDisposeScope();
                for (int i = 0; i < matrices.Length; i++)
                    LinearProduct.Of(inputs[i], matrices[i]);
            });
            head.Measure(round, shape.Tokens / 4, () => network.Logits(inputs[0]).Dispose());
            copy.Measure(round, 4, () => target.copy_(source));
            sum.Measure(round, 4, () => source.sum().Dispose());
        }
        double againstCopy = token.Seconds / copy.Seconds;
        return new DecodingMeasurement(
            bytes / (double)(1 << 20), bytes / copy.Seconds / 1e9, bytes / sum.Seconds / 1e9, 1 / token.Seconds,
            againstCopy, token.ProcessorSeconds / copy.ProcessorSeconds, 2 * againstCopy, token.Seconds / sum.Seconds,
            token.Seconds * 1000, products.Seconds * 1000, head.Seconds * 1000, token.ProcessorSeconds * 1000, products.ProcessorSeconds * 1000);
    }
}
