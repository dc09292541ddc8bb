using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Optimization;

/// <summary>Seeded parameters and gradients: lengths that are no multiples of a vector, two norms, and one matrix longer than a piece of a pass.</summary>
internal sealed class ParameterBed : IDisposable
{
    private static readonly (string Name, long[] Shape)[] s_shapes =
        [("embedding", [19, 23]), ("norm1", [37]), ("norm2", [5]), ("projection", [211, 307]), ("head", [3, 2])];

    public ParameterBed()
    {
        Random random = new(11);
        Named = [.. s_shapes.Select(entry => (entry.Name, new Parameter(Normal(random, entry.Shape, 0.5))))];
    }

    public IReadOnlyList<(string Name, Parameter Parameter)> Named { get; }

    public IEnumerable<Parameter> Parameters => Named.Select(entry => entry.Parameter);

    /// <summary>All values one after another, without gaps.</summary>
    public float[] Values() => [.. Parameters.SelectMany(parameter => Read(parameter))];

    /// <summary>For every value, whether it belongs to a matrix.</summary>
    public bool[] InMatrix() => [.. Parameters.SelectMany(parameter => Enumerable.Repeat(parameter.dim() > 1, (int)parameter.numel()))];

    /// <summary>Seeded gradients of a step, of very different sizes, into the parameters' gradients, in place where they have one.</summary>
    /// <returns>The same one after another, without gaps.</returns>
    public float[] SetGradients(int step)
    {
        Random random = new(1000 + step);
        List<float> all = [];
        foreach ((_, Parameter parameter) in Named)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor drawn = Normal(random, parameter.shape, Math.Pow(10, random.NextDouble() * 4 - 3));
            if (parameter.grad is { } gradient)
                gradient.copy_(drawn);
            else
                parameter.grad = drawn;
            all.AddRange(Read(drawn));
        }
        return [.. all];
    }

    public void Dispose()
    {
        foreach (Parameter parameter in Parameters)
            parameter.Dispose();
    }

    /// <summary>|actual - expected| over |expected|, as vectors.</summary>
    public static double RelativeDistance(IEnumerable<double> actual, IEnumerable<double> expected)
    {
        double difference = 0, size = 0;
        foreach ((double a, double e) in actual.Zip(expected))
        {
            difference += (a - e) * (a - e);
            size += e * e;
        }
        return Math.Sqrt(difference / size);
    }

    public static IEnumerable<float> Read(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor.detach().contiguous().data<float>().ToArray();
    }

    private static Tensor Normal(Random random, long[] shape, double scale)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        float[] values = [.. Enumerable.Range(0, (int)count)
            .Select(_ => (float)(scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        return tensor(values, shape);
    }
}
