using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>A schema as it is saved: names, types and annotations, hidden columns included.</summary>
internal static class SavedSchema
{
    public static byte[] Write(DataViewSchema schema)
    {
        var writer = new ModelWriter();
        writer.Count(schema.Count);
        foreach (DataViewSchema.Column column in schema)
        {
            writer.Text(column.Name);
            writer.Type(column.Type);
            writer.Count(column.Annotations.Schema.Count);
            foreach (DataViewSchema.Column annotation in column.Annotations.Schema)
            {
                writer.Text(annotation.Name);
                writer.Type(annotation.Type);
                Type item = (annotation.Type as VectorDataViewType)?.ItemType.RawType ?? annotation.Type.RawType;
                Generic.Invoke<bool>(WriteValue<int>, [item], writer, column.Annotations, annotation);
            }
        }
        return writer.ToArray();
    }

    public static DataViewSchema Read(byte[] entry)
    {
        var reader = new ModelReader(entry);
        var schema = new DataViewSchema.Builder();
        for (int left = reader.Count(); left > 0; left--)
        {
            string name = reader.Name();
            DataViewType type = reader.Type();
            var annotations = new DataViewSchema.Annotations.Builder();
            for (int annotationsLeft = reader.Count(); annotationsLeft > 0; annotationsLeft--)
            {
                string kind = reader.Name();
                DataViewType annotationType = reader.Type();
                Type item = (annotationType as VectorDataViewType)?.ItemType.RawType ?? annotationType.RawType;
                annotations.Add(kind, annotationType, Generic.Invoke<Delegate>(ReadValue<int>, [item], reader, annotationType));
            }
            schema.AddColumn(name, type, annotations.ToAnnotations());
        }
        reader.End();
        return schema.ToSchema();
    }

    private static bool WriteValue<T>(ModelWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
    {
        if (annotation.Type is not VectorDataViewType)
        {
            T value = default!;
            annotations.GetValue(annotation.Name, ref value);
            writer.Value(value);
            return true;
        }
        VBuffer<T> values = default;
        annotations.GetValue(annotation.Name, ref values);
        writer.Count(values.Length);
        foreach (T value in values.DenseValues())
            writer.Value(value);
        return true;
    }

    private static Delegate ReadValue<T>(ModelReader reader, DataViewType type)
    {
        if (type is not VectorDataViewType vector)
        {
            T value = reader.Value<T>();
            return (ValueGetter<T>)((ref T destination) => destination = value);
        }
        T[] values = reader.Many(r => r.Value<T>());
        if (vector.IsKnownSize && vector.Size != values.Length)
            throw new FormatException($"The model is damaged: an annotation of type {type} holds {values.Length} values.");
        var buffer = new VBuffer<T>(values.Length, values);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> destination) => buffer.CopyTo(ref destination));
    }
}
