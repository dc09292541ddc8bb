namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>A key with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Place">Where the key was written.</param>
/// <param name="Value">The value.</param>
/// <param name="Remark">What a printed file says behind it; the key is then only a remark, since nobody set it.</param>
internal sealed record ConfigEntry(string Key, ConfigPlace Place, ConfigNode Value, string? Remark = null);
