namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>A file or folder with the name that it is called by.</summary>
/// <param name="Name">The name; <see langword="null"/> where none was given.</param>
/// <param name="Base">The name of the model that it belongs to; <see langword="null"/> likewise.</param>
/// <param name="Path">Where it lies.</param>
internal sealed record NamedPath(string? Name, string? Base, string Path)
{
    /// <summary>Reads <c>NAME=PATH</c>, <c>NAME@BASE=PATH</c> or a path alone; what is there as it stands is a path.</summary>
    /// <param name="option">Whose value it is.</param>
    /// <param name="text">The text.</param>
    /// <param name="hasBase">Whether a base may be named.</param>
    /// <exception cref="ArgumentException">A name or the path is empty.</exception>
    public static NamedPath Parse(string option, string text, bool hasBase)
    {
        int equals = text.IndexOf('=');
        if (equals < 0 || System.IO.Path.Exists(text))
            return text.Length > 0 ? new NamedPath(null, null, text) : throw new ArgumentException($"--{option} is empty; it is as NAME=PATH.");
        string name = text[..equals], path = text[(equals + 1)..];
        int at = hasBase ? name.IndexOf('@') : -1;
        string? below = at < 0 ? null : name[(at + 1)..];
        name = at < 0 ? name : name[..at];
        return name.Length > 0 && path.Length > 0 && below is not { Length: 0 } ? new NamedPath(name, below, path)
            : throw new ArgumentException($"--{option} is '{text}'; it is as NAME{(hasBase ? " or NAME@MODEL" : "")}=PATH.");
    }
}
