namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>A configuration cannot be used; the message has a line for each fault.</summary>
/// <param name="faults">What is wrong with it.</param>
internal sealed class ConfigException(params IReadOnlyList<ConfigFault> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<ConfigFault> Faults { get; } = faults;
}
