namespace MiniMind.MLNet.Dpo.Weights.Onnx;

/// <summary>A constant of a node: a whole number, or a list of them.</summary>
internal readonly record struct OnnxAttribute
{
    private const int Name = 1, Integer = 3, Integers = 8, Type = 20; // fields of AttributeProto
    private const int TypeOfInteger = 2, TypeOfIntegers = 7;

    /// <summary>A number.</summary>
    public OnnxAttribute(string name, long value) =>
        Message = new OnnxMessage().Add(Name, name).Add(Integer, value).Add(Type, TypeOfInteger);

    /// <summary>A list of numbers.</summary>
    public OnnxAttribute(string name, params ReadOnlySpan<long> values)
    {
        Message = new OnnxMessage().Add(Name, name);
        foreach (long value in values)
            Message.Add(Integers, value);
        Message.Add(Type, TypeOfIntegers);
    }

    /// <summary>The attribute as it is written.</summary>
    public OnnxMessage Message { get; }
}
