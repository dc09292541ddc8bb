using System.Globalization;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Weights.Onnx;

/// <summary>A graph of operations that is built node by node and then written as an ONNX model. Values are told apart by their names.</summary>
/// <remarks>Field numbers: onnx.proto of ONNX. Operations are those of version 18 of the standard set.</remarks>
internal sealed class OnnxGraph
{
    /// <summary>The version of the file format that came with <see cref="OperatorSet"/>.</summary>
    private const int FormatVersion = 8;
    private const int OperatorSet = 18;

    private readonly List<OnnxMessage> _nodes = [], _initializers = [], _inputs = [], _outputs = [];
    private readonly HashSet<string> _constants = [];

    /// <summary>Adds an operation with one result.</summary>
    /// <returns>The result's name.</returns>
    public string Add(string operation, ReadOnlySpan<string> inputs, params ReadOnlySpan<OnnxAttribute> attributes) =>
        AddTo(string.Create(CultureInfo.InvariantCulture, $"{operation}_{_nodes.Count}"), operation, inputs, attributes);

    /// <summary>Adds an operation with one result of a given name.</summary>
    public string AddTo(string result, string operation, ReadOnlySpan<string> inputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        AddNode([result], operation, inputs, attributes);
        return result;
    }

    /// <summary>Adds an operation with several results.</summary>
    /// <returns>Their names.</returns>
    public string[] AddMany(int results, string operation, ReadOnlySpan<string> inputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        string[] names = [.. Enumerable.Range(0, results).Select(i => string.Create(CultureInfo.InvariantCulture, $"{operation}_{_nodes.Count}_{i}"))];
        AddNode(names, operation, inputs, attributes);
        return names;
    }

    /// <summary>A constant whole number.</summary>
    public string Scalar(long value) => Constant(OnnxElementType.Int64, [], MemoryMarshal.AsBytes([value]), $"int_{value}");

    /// <summary>A constant list of whole numbers.</summary>
    public string List(params ReadOnlySpan<long> values) =>
        Constant(OnnxElementType.Int64, [values.Length], MemoryMarshal.AsBytes(values), $"ints_{string.Join('_', values.ToArray())}");

    /// <summary>A constant number.</summary>
    public string Scalar(float value) =>
        Constant(OnnxElementType.Float32, [], MemoryMarshal.AsBytes([value]), string.Create(CultureInfo.InvariantCulture, $"float_{value:R}"));

    /// <summary>A constant list of numbers.</summary>
    public string List(string name, ReadOnlySpan<float> values) => Constant(OnnxElementType.Float32, [values.Length], MemoryMarshal.AsBytes(values), name);

    /// <summary>Adds a constant that stands in a file of its own.</summary>
    /// <param name="initializer">A TensorProto.</param>
    public void AddInitializer(OnnxMessage initializer) => _initializers.Add(initializer);

    /// <summary>Names an input of the model. An axis of varying length has a name, others a number.</summary>
    public void AddInput(string name, OnnxElementType type, params ReadOnlySpan<string> axes) => _inputs.Add(Value(name, type, axes));

    /// <summary>Names an output of the model.</summary>
    public void AddOutput(string name, OnnxElementType type, params ReadOnlySpan<string> axes) => _outputs.Add(Value(name, type, axes));

    /// <summary>Writes the model.</summary>
    /// <param name="stream">Receives it.</param>
    /// <param name="name">What the graph is called.</param>
    public void Write(Stream stream, string name)
    {
        OnnxMessage graph = new OnnxMessage().AddAll(1, _nodes).Add(2, name).AddAll(5, _initializers).AddAll(11, _inputs).AddAll(12, _outputs);
        stream.Write(new OnnxMessage().Add(1, FormatVersion).Add(2, "MiniMind.MLNet.Dpo").Add(7, graph)
            .Add(8, new OnnxMessage().Add(1, "").Add(2, OperatorSet)).ToArray());
    }

    /// <summary>A tensor's name, type and shape.</summary>
    public static OnnxMessage Tensor(string name, OnnxElementType type, ReadOnlySpan<long> shape)
    {
        OnnxMessage tensor = new();
        foreach (long length in shape)
            tensor.Add(1, length);
        return tensor.Add(2, (long)type).Add(8, name);
    }

    private void AddNode(string[] results, string operation, ReadOnlySpan<string> inputs, ReadOnlySpan<OnnxAttribute> attributes)
    {
        OnnxMessage node = new();
        foreach (string input in inputs)
            node.Add(1, input);
        foreach (string result in results)
            node.Add(2, result);
        node.Add(3, results[0]).Add(4, operation);
        foreach (OnnxAttribute attribute in attributes)
            node.Add(5, attribute.Message);
        _nodes.Add(node);
    }

    private string Constant(OnnxElementType type, long[] shape, ReadOnlySpan<byte> bytes, string name)
    {
        if (_constants.Add(name))
            _initializers.Add(Tensor(name, type, shape).Add(9, bytes));
        return name;
    }

    private static OnnxMessage Value(string name, OnnxElementType type, ReadOnlySpan<string> axes)
    {
        OnnxMessage shape = new();
        foreach (string axis in axes)
        {
            shape.Add(1, long.TryParse(axis, NumberStyles.None, CultureInfo.InvariantCulture, out long length) ? new OnnxMessage().Add(1, length)
                : new OnnxMessage().Add(2, axis));
        }
        return new OnnxMessage().Add(1, name).Add(2, new OnnxMessage().Add(1, new OnnxMessage().Add(1, (long)type).Add(2, shape)));
    }
}
