using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Checks that parameters can lie in one flat buffer.</summary>
internal static class FlatParametersCheck
{
    /// <summary>Throws where parameters cannot be flattened.</summary>
    /// <exception cref="ArgumentException">There are none, or some do not fit; the message lists each with the reason.</exception>
    public static void Check(IReadOnlyList<(string Name, Parameter Parameter)> parameters)
    {
        if (parameters.Count == 0)
            throw new ArgumentException("There are no parameters to train.", nameof(parameters));

        using DisposeScope scope = NewDisposeScope();
        Device device = parameters[0].Parameter.device;
        Dictionary<(nint Address, long Offset), string> seen = [];
        List<string> faults = [];
        foreach ((string name, Parameter parameter) in parameters)
        {
            if (parameter.dtype != ScalarType.Float32)
            {
                faults.Add($"'{name}' is {parameter.dtype}, not Float32 (weights are kept in fp32 whatever the compute precision)");
                continue;
            }
            if (!parameter.requires_grad)
                faults.Add($"'{name}' does not require gradients; leave it out");
            if (parameter.device_type != device.type || parameter.device_index != device.index)
                faults.Add($"'{name}' is on {parameter.device}, '{parameters[0].Name}' on {device}");
            (nint, long) place = (parameter.storage<float>().data_ptr(), parameter.storage_offset());
            if (!seen.TryAdd(place, name))
                faults.Add($"'{name}' shares its memory with '{seen[place]}'; list tied parameters once");
        }
        if (faults.Count > 0)
            throw new ArgumentException($"Cannot flatten the parameters: {string.Join("; ", faults)}.", nameof(parameters));
    }
}
