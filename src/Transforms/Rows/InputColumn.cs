using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MiniMind.MLNet.Dpo.Transforms.Rows;

/// <summary>A column that a row-wise step reads: its name, and its type up to the length of a vector.</summary>
internal sealed record InputColumn(string Name, DataViewType Type)
{
    /// <summary>A column of text.</summary>
    public static InputColumn Text(string name) => new(name, TextDataViewType.Instance);

    /// <summary>Whether the step works without the column; it is not bound then where it is absent or of another type.</summary>
    public bool IsOptional { get; init; }

    /// <summary>A column of vectors of any length.</summary>
    public static InputColumn Vector(string name, PrimitiveDataViewType itemType) => new(name, new VectorDataViewType(itemType));

    /// <summary>Finds the column in a schema.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it has another type.</exception>
    public DataViewSchema.Column Bind(DataViewSchema schema)
    {
        DataViewSchema.Column column = schema.GetColumnOrNull(Name) ?? throw Contracts.ExceptSchemaMismatch("inputSchema", "input", Name);
        bool fits = Type is VectorDataViewType wanted
            ? column.Type is VectorDataViewType given && given.ItemType.Equals(wanted.ItemType)
            : column.Type.Equals(Type);
        return fits ? column : throw Contracts.ExceptSchemaMismatch("inputSchema", "input", Name, TypeText(), column.Type.ToString()!);
    }

    /// <summary>Finds the column in a schema; null where it is optional and not there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is needed, and there is no such column, or it has another type.</exception>
    public DataViewSchema.Column? BindIfThere(DataViewSchema schema) =>
        IsOptional && schema.GetColumnOrNull(Name)?.Type.Equals(Type) != true ? null : Bind(schema);

    /// <summary>Checks that a promised schema has the column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it has another type.</exception>
    public void Check(SchemaShape shape)
    {
        if (IsOptional)
            return;
        if (!shape.TryFindColumn(Name, out SchemaShape.Column column))
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", Name);
        bool wantsVector = Type is VectorDataViewType;
        bool isVector = column.Kind != SchemaShape.Column.VectorKind.Scalar;
        if (wantsVector != isVector || column.IsKey || !column.ItemType.Equals(ItemType()))
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", Name, TypeText(), column.GetTypeString());
    }

    private DataViewType ItemType() => Type is VectorDataViewType vector ? vector.ItemType : Type;

    private string TypeText() => Type is VectorDataViewType vector ? $"Vector<{vector.ItemType}> of any size" : Type.ToString()!;
}
