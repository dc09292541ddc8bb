namespace MiniMind.MLNet.Dpo;

/// <summary>What a model that is loaded may be like; the defaults are for files from anywhere.</summary>
public sealed record ModelLoadOptions
{
    /// <summary>
    /// Whether weights may be NaN, infinite or too large to compute with. Otherwise they are refused with each tensor's name and count: a network of them
    /// answers nothing.
    /// </summary>
    public bool AllowNonFiniteWeights { get; init; }

    /// <summary>
    /// Whether files of a model folder may be links to files outside of it. Otherwise such links are refused, as a folder from an archive could show any file
    /// of the machine; those of Hugging Face's cache (<c>models--*/snapshots/*</c> to <c>models--*/blobs</c>) are always followed.
    /// </summary>
    public bool AllowLinksOutsideFolder { get; init; }
}
