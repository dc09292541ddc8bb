namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>The records of options that a configuration gives, each of another type.</summary>
/// <param name="records">The records.</param>
/// <param name="given">What was configured.</param>
internal sealed class ConfigValues(IReadOnlyList<object> records, ConfigMap given)
{
    /// <summary>The record of a type.</summary>
    public T Get<T>() => (T)Of(typeof(T));

    /// <summary>The record of a type.</summary>
    public object Of(Type type) => records.First(record => record.GetType() == type);

    /// <summary>Whether a key was configured.</summary>
    public bool Has(params ReadOnlySpan<string> path) => given.At(path) is not null;
}
