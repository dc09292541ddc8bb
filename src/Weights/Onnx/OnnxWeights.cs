using System.Globalization;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights.Onnx;

/// <summary>The weights of an ONNX model in the file beside it, in the order in which the graph asks for them.</summary>
/// <param name="graph">Gets each of them as a constant.</param>
/// <param name="parameters">The model's parameters by their checkpoint names.</param>
/// <param name="precision">The type in which matrices are stored; vectors are fp32, and so is what is computed.</param>
/// <param name="fileName">The name of the file with them.</param>
/// <param name="addsOne">Whether norms multiply by one plus their weights.</param>
internal sealed class OnnxWeights(
    OnnxGraph graph, IReadOnlyDictionary<string, Tensor> parameters, WeightPrecision precision, string fileName, bool addsOne)
{
    private const int Alignment = 4096; // of a page, so that a runtime can map the file

    private readonly List<(Tensor Tensor, bool AddsOne)> _stored = [];
    private readonly Dictionary<string, string> _wide = [];
    private readonly HashSet<string> _left = [.. parameters.Keys];
    private long _end;

    /// <summary>Parameters that the graph did not ask for.</summary>
    public IReadOnlyCollection<string> Left => _left;

    /// <summary>A parameter in fp32.</summary>
    /// <param name="name">Its name in a checkpoint.</param>
    /// <param name="isNorm">Whether it is a norm's.</param>
    public string Get(string name, bool isNorm = false)
    {
        if (!_wide.TryGetValue(name, out string? wide))
            _wide.Add(name, wide = Widen(Store(name, isNorm), parameters[name]));
        return wide;
    }

    /// <summary>A matrix' rows by their numbers, in fp32.</summary>
    public string Rows(string name, string numbers) => Widen(graph.Add("Gather", [Store(name, isNorm: false), numbers]), parameters[name]);

    /// <summary>Writes the file with the weights.</summary>
    public void Write(Stream stream)
    {
        using IDisposable noGradient = no_grad();
        byte[] padding = new byte[Alignment];
        foreach ((Tensor tensor, bool addOne) in _stored)
        {
            using Tensor? raised = addOne ? tensor.Add(1) : null;
            (raised ?? tensor).WriteTo(TypeOf(tensor), stream);
            stream.Write(padding, 0, (int)(Aligned(Bytes(tensor)) - Bytes(tensor)));
        }
    }

    private string Store(string name, bool isNorm)
    {
        if (!_left.Remove(name))
            return parameters.ContainsKey(name) ? name : throw new ArgumentException($"The parameters lack '{name}'.", nameof(name));
        Tensor tensor = parameters[name];
        OnnxElementType type = TypeOf(tensor) switch
        {
            ScalarType.Float16 => OnnxElementType.Float16,
            ScalarType.BFloat16 => OnnxElementType.BFloat16,
            _ => OnnxElementType.Float32,
        };
        graph.AddInitializer(OnnxGraph.Tensor(name, type, tensor.shape).Add(13, Entry("location", fileName)).Add(13, Entry("offset", Text(_end)))
            .Add(13, Entry("length", Text(Bytes(tensor)))).Add(14, 1));
        _stored.Add((tensor, isNorm && addsOne));
        _end += Aligned(Bytes(tensor));
        return name;
    }

    private string Widen(string value, Tensor tensor) =>
        TypeOf(tensor) == ScalarType.Float32 ? value : graph.Add("Cast", [value], new OnnxAttribute("to", (long)OnnxElementType.Float32));

    private ScalarType TypeOf(Tensor tensor) => tensor.dim() == 1 ? ScalarType.Float32 : precision.ToScalarType();

    private long Bytes(Tensor tensor) => tensor.NumberOfElements * ElementTypes.Size(TypeOf(tensor));

    private static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private static OnnxMessage Entry(string key, string value) => new OnnxMessage().Add(1, key).Add(2, value);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
