using System.Text;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A value of a type that Python's built-in ones do not have: it says itself what it is called, and which attributes it has.</summary>
internal abstract class JinjaObject
{
    /// <summary>The name that Python's error messages give to the type.</summary>
    public abstract string TypeName { get; }

    /// <summary>The value as "has no attribute" messages name it.</summary>
    public virtual string Description => TypeName + " object";

    /// <summary>The value of an attribute, or <see cref="Missing.Value"/>.</summary>
    public virtual object? Attribute(RenderContext context, string name) => Missing.Value;

    /// <summary>Whether names that begin with an underscore are the template's own.</summary>
    public virtual bool HasPrivateNames => false;

    /// <summary>Python's <c>len</c>, or -1 for a value without length.</summary>
    public virtual long Length(RenderContext context) => -1;

    /// <summary>The items not taken yet; null for a value that cannot be gone over.</summary>
    public virtual IEnumerable<object?>? Remaining(RenderContext context) => null;

    /// <summary>Appends what printing the value gives.</summary>
    public virtual void Write(RenderContext context, StringBuilder text) => throw context.Error($"a value of type '{TypeName}' cannot be printed");
}
